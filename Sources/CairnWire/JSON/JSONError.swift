/// Why a JSON text was refused, and where: the path of the value, the byte, and the line and column for people.
public struct JSONError: Error, Equatable, Sendable {
    public enum Reason: Equatable, Sendable {
        case documentTooLarge(limit: Int)
        case byteOrderMark
        case unexpectedEnd
        case unexpected(byte: UInt8)
        case trailing(count: Int)
        case invalidUTF8
        case controlCharacter(UInt8)
        case invalidEscape
        case loneSurrogate
        case stringTooLong(limit: Int)
        case duplicateKey(String)
        case notAnInteger
        case outOfRange
        case tooDeep(limit: Int)
        case tooManyNodes(limit: Int)
    }

    public let reason: Reason
    /// `$`, `$.validators[3].bond`: the value that was being read.
    public let path: String
    public let offset: Int
    public let line: Int
    /// In bytes from the start of the line, the first being 1.
    public let column: Int
}

extension JSONError: CustomStringConvertible {
    public var description: String { "\(line):\(column): \(path): \(reason)" }
}

extension JSONError.Reason: CustomStringConvertible {
    public var description: String {
        switch self {
        case .documentTooLarge(let limit): "the document is longer than \(limit) bytes"
        case .byteOrderMark: "a byte order mark is not allowed"
        case .unexpectedEnd: "the text ends too early"
        case .unexpected(let byte): "unexpected \(Self.name(byte))"
        case .trailing(let count): "\(count) bytes left over after the value"
        case .invalidUTF8: "the text is not valid UTF-8"
        case .controlCharacter(let byte): "\(Self.name(byte)) must be escaped inside a string"
        case .invalidEscape: "invalid escape"
        case .loneSurrogate: "half of a surrogate pair"
        case .stringTooLong(let limit): "a string is longer than \(limit) bytes"
        case .duplicateKey(let key): "the key \(JSON.string(key).text) occurs twice"
        case .notAnInteger: "only whole numbers are allowed"
        case .outOfRange: "the number does not fit 64 bits"
        case .tooDeep(let limit): "nested more than \(limit) deep"
        case .tooManyNodes(let limit): "more than \(limit) values"
        }
    }

    private static func name(_ byte: UInt8) -> String {
        (0x21...0x7e).contains(byte)
            ? "'\(Unicode.Scalar(byte))'" : "byte 0x\(byte < 16 ? "0" : "")\(String(byte, radix: 16))"
    }
}
