internal import CairnBase

/// How a line looks.
public enum LogFormat: String, Sendable {
    case text, json
}

/// One event to be written.
struct LogLine {
    let time: WallTime
    let level: LogLevel
    let subsystem: String
    let message: String
    let fields: LogFields

    static let valueLimit = 256
    /// No field begins behind it, so that a line with its last value stays within the bytes a pipe takes at once.
    static let lineLimit = 3_072

    /// The whole line with its newline. Nothing in a value can end the line, start another or steer a terminal.
    func bytes(_ format: LogFormat, priorityPrefix: Bool) -> [UInt8] {
        var line: [UInt8] = []
        line.reserveCapacity(256)
        if priorityPrefix, format == .text { line += Array("<\(level.priority)>".utf8) }
        switch format {
        case .text: appendText(to: &line)
        case .json: appendJSON(to: &line)
        }
        line.append(UInt8(ascii: "\n"))
        return line
    }

    private func appendText(to line: inout [UInt8]) {
        let gap = String(repeating: " ", count: max(2, 11 - subsystem.utf8.count))
        line += Array("\(time.rfc3339) \(level.column) \(subsystem)\(gap)".utf8)
        appendEscaped(message, to: &line, quoted: false)
        if !fields.fields.isEmpty { line.append(UInt8(ascii: " ")) }
        for field in fields.fields where line.count < Self.lineLimit {
            line += Array(" \(field.name)=".utf8)
            switch field.value {
            case .text(let text):
                let quoted = !isBare(text)
                appendEscaped(text, to: &line, quoted: quoted)
            case .integer(let value): line += Array(String(value).utf8)
            case .number(let value): line += Array(String(value).utf8)
            case .flag(let value): line += Array((value ? "yes" : "no").utf8)
            case .span(let span): line += Array(span.brief.utf8)
            }
        }
    }

    private func appendJSON(to line: inout [UInt8]) {
        line += Array(
            #"{"time":"\#(time.rfc3339)","level":"\#(level.name)","subsystem":"\#(subsystem)","message":"#.utf8)
        appendEscaped(message, to: &line, quoted: true)
        for field in fields.fields where line.count < Self.lineLimit {
            line.append(UInt8(ascii: ","))
            appendEscaped(field.name, to: &line, quoted: true)
            line.append(UInt8(ascii: ":"))
            switch field.value {
            case .text(let text): appendEscaped(text, to: &line, quoted: true)
            case .integer(let value): line += Array(String(value).utf8)
            case .number(let value): line += Array(String(value).utf8)
            case .flag(let value): line += Array(String(value).utf8)
            // JSON readers get one unit.
            case .span(let span): line += Array(String(span.nanoseconds / 1_000).utf8)
            }
        }
        line.append(UInt8(ascii: "}"))
    }

    /// Words of plain characters stand without quotes.
    private func isBare(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { (33...126).contains($0) && $0 != 34 && $0 != 61 && $0 != 92 }
    }

    private func appendEscaped(_ text: String, to line: inout [UInt8], quoted: Bool) {
        if quoted { line.append(UInt8(ascii: "\"")) }
        var written = 0
        for scalar in text.unicodeScalars {
            if written >= Self.valueLimit {
                line += Array("…".utf8)
                break
            }
            let escaped = Self.escape(scalar, quoted: quoted)
            line += Array(escaped.utf8)
            written += escaped.utf8.count
        }
        if quoted { line.append(UInt8(ascii: "\"")) }
    }

    private static func escape(_ scalar: Unicode.Scalar, quoted: Bool) -> String {
        switch scalar {
        case "\"" where quoted: return "\\\""
        case "\\": return "\\\\"
        case "\n": return "\\n"
        case "\r": return "\\r"
        case "\t": return "\\t"
        default: break
        }
        // Control, formatting (text direction) and private characters could disguise what a line says.
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned, .surrogate:
            return scalar.utf16.reduce(into: "") { text, unit in
                let digits = String(unit, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }
        default: return String(scalar)
        }
    }
}

extension TimeSpan {
    /// For people: `850us`, `38ms`, `4.20s`, `2m05s`.
    var brief: String {
        switch nanoseconds {
        case ..<1_000_000: "\(nanoseconds / 1_000)us"
        case ..<1_000_000_000: "\(nanoseconds / 1_000_000)ms"
        case ..<60_000_000_000: "\(nanoseconds / 1_000_000_000).\((nanoseconds / 10_000_000 % 100).padded(2))s"
        default: "\(nanoseconds / 60_000_000_000)m\((nanoseconds / 1_000_000_000 % 60).padded(2))s"
        }
    }
}

extension Unicode.Scalar {
    fileprivate var utf16: [UInt16] { Array(String(self).utf16) }
}
