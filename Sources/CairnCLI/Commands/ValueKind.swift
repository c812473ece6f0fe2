import CairnBase

/// What text a flag or argument accepts.
enum ValueKind: Sendable, Equatable {
    /// Present or absent; takes no value.
    case none
    case text(String)
    /// A name that a person gives: it turns up in paths and tables.
    case label(String)
    case path(String)
    case integer(String, ClosedRange<UInt64>)
    /// A length of time: `500ms`, `10s`, `2m`, `1h`.
    case span(String)
    case choice([String])
    /// Present, or present with a length of time after `=`.
    case optionalSpan(String, preset: TimeSpan)

    /// The word that stands for the value in help: `N`, `DIR`, `bash|zsh|fish`.
    var placeholder: String? {
        switch self {
        case .none: nil
        case .text(let name), .label(let name), .path(let name), .integer(let name, _), .span(let name),
            .optionalSpan(let name, _):
            name
        case .choice(let words): words.joined(separator: "|")
        }
    }
}

/// A value that was checked against its kind.
enum Value: Sendable, Equatable {
    case on
    case text(String)
    case integer(UInt64)
    case span(TimeSpan)
}

extension ValueKind {
    /// Why a text is not a value of this kind, as the end of a sentence: `"x" is …`.
    struct Refusal: Error, Equatable {
        let reason: String
        var nearest: String?
    }

    func read(_ text: String) throws(Refusal) -> Value {
        switch self {
        case .none:
            throw Refusal(reason: "not wanted here")
        case .text, .path:
            guard !text.isEmpty else { throw Refusal(reason: "empty") }
            guard !text.utf8.contains(0) else { throw Refusal(reason: "not text: it has a zero byte") }
            return .text(text)
        case .label:
            guard isLabel(text) else { throw Refusal(reason: "not 1 to 32 letters, digits, - and _") }
            return .text(text)
        case .integer(_, let range):
            return .integer(try Self.integer(text, in: range))
        case .span, .optionalSpan:
            guard let span = TimeSpan(text: text) else {
                throw Refusal(reason: "not a length of time such as 500ms, 10s, 2m or 1h")
            }
            return .span(span)
        case .choice(let words):
            guard words.contains(text) else {
                throw Refusal(reason: "none of \(words.joined(separator: ", "))", nearest: nearest(to: text, in: words))
            }
            return .text(text)
        }
    }

    private static func integer(_ text: String, in range: ClosedRange<UInt64>) throws(Refusal) -> UInt64 {
        let digits = text.utf8
        guard !digits.isEmpty, digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            throw Refusal(reason: "not a whole number")
        }
        guard let number = UInt64(text), range.contains(number) else {
            throw Refusal(
                reason: range.upperBound == .max
                    ? "out of range: at least \(range.lowerBound) and below 2^64"
                    : "out of range: \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }
}

extension TimeSpan {
    /// Reads digits and a unit, nothing else: `250ms`, `10s`, `2m`, `1h`.
    init?(text: String) {
        let digits = text.utf8.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard let count = UInt64(String(decoding: digits, as: UTF8.self)) else { return nil }
        let nanoseconds: UInt64
        switch String(decoding: text.utf8.dropFirst(digits.count), as: UTF8.self) {
        case "ms": nanoseconds = 1_000_000
        case "s": nanoseconds = 1_000_000_000
        case "m": nanoseconds = 60_000_000_000
        case "h": nanoseconds = 3_600_000_000_000
        default: return nil
        }
        let (product, overflow) = count.multipliedReportingOverflow(by: nanoseconds)
        guard !overflow else { return nil }
        self.init(nanoseconds: product)
    }

    /// The shortest way to write it in one unit: `2s`, `250ms`.
    var plain: String {
        let units: [(UInt64, String)] = [(3_600_000_000_000, "h"), (60_000_000_000, "m"), (1_000_000_000, "s")]
        for (size, unit) in units where nanoseconds >= size && nanoseconds.isMultiple(of: size) {
            return "\(nanoseconds / size)\(unit)"
        }
        return "\(milliseconds)ms"
    }
}
