extension JSON {
    /// On one line, without spaces.
    public var text: String {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Over several lines, indented by two spaces, for people.
    public var indentedText: String {
        var bytes: [UInt8] = []
        appendIndented(to: &bytes, depth: 0)
        return String(decoding: bytes, as: UTF8.self)
    }

    public func append(to bytes: inout [UInt8]) {
        switch self {
        case .null: bytes.append(contentsOf: "null".utf8)
        case .bool(let value): bytes.append(contentsOf: (value ? "true" : "false").utf8)
        case .number(let value): bytes.append(contentsOf: String(value).utf8)
        case .string(let value): Self.append(value, to: &bytes)
        case .array(let items):
            Self.append(items, "[", "]", to: &bytes) { $0.append(to: &$1) }
        case .object(let members):
            Self.append(members, "{", "}", to: &bytes) { member, bytes in
                Self.append(member.key, to: &bytes)
                bytes.append(UInt8(ascii: ":"))
                member.value.append(to: &bytes)
            }
        }
    }

    private func appendIndented(to bytes: inout [UInt8], depth: Int) {
        switch self {
        case .array(let items) where !items.isEmpty:
            Self.append(items, "[", "]", indent: depth, to: &bytes) { $0.appendIndented(to: &$1, depth: depth + 1) }
        case .object(let members) where !members.isEmpty:
            Self.append(members, "{", "}", indent: depth, to: &bytes) { member, bytes in
                Self.append(member.key, to: &bytes)
                bytes.append(contentsOf: ": ".utf8)
                member.value.appendIndented(to: &bytes, depth: depth + 1)
            }
        default: append(to: &bytes)
        }
    }

    private static func append<Item>(
        _ items: [Item], _ open: Unicode.Scalar, _ close: Unicode.Scalar, indent depth: Int? = nil,
        to bytes: inout [UInt8], _ write: (Item, inout [UInt8]) -> Void
    ) {
        bytes.append(UInt8(ascii: open))
        for (index, item) in items.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            if let depth { newLine(to: &bytes, depth: depth + 1) }
            write(item, &bytes)
        }
        if let depth { newLine(to: &bytes, depth: depth) }
        bytes.append(UInt8(ascii: close))
    }

    private static func newLine(to bytes: inout [UInt8], depth: Int) {
        bytes.append(UInt8(ascii: "\n"))
        bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * depth))
    }

    /// Writes a string in quotes. Control characters, C1 and DEL included, are escaped: text from a stranger must not
    /// steer the terminal it is shown on.
    public static func append(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": bytes.append(contentsOf: #"\""#.utf8)
            case "\\": bytes.append(contentsOf: #"\\"#.utf8)
            case "\n": bytes.append(contentsOf: #"\n"#.utf8)
            case "\r": bytes.append(contentsOf: #"\r"#.utf8)
            case "\t": bytes.append(contentsOf: #"\t"#.utf8)
            case "\u{0}"..."\u{1f}", "\u{7f}"..."\u{9f}": appendEscaped(scalar, to: &bytes)
            default: bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func appendEscaped(_ scalar: Unicode.Scalar, to bytes: inout [UInt8]) {
        let digits = String(scalar.value, radix: 16)
        bytes.append(contentsOf: #"\u"#.utf8)
        bytes.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: 4 - digits.utf8.count))
        bytes.append(contentsOf: digits.utf8)
    }
}
