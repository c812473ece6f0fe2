/// Why a text is not in the subset of TOML, and where.
public struct TOMLError: Error, Equatable, Sendable {
    public enum Reason: Equatable, Sendable {
        case tooLarge(limit: Int)
        case tooManyEntries(limit: Int)
        case tooManyItems(limit: Int)
        case tooDeep(limit: Int)
        case expectedKey
        case expectedEquals
        case expectedValue
        case expectedEndOfLine
        case expectedBracket
        case expectedComma
        case unendedString
        case controlCharacter
        case invalidEscape
        case invalidNumber
        case numberOutOfRange
        case unsupported(String)
        case duplicateKey(String)
        case duplicateTable(String)
    }

    public let reason: Reason
    public let line: Int
    /// In bytes from the start of the line, the first being 1.
    public let column: Int

    public init(reason: Reason, line: Int, column: Int) {
        self.reason = reason
        self.line = line
        self.column = column
    }
}

extension TOMLError.Reason: CustomStringConvertible {
    public var description: String {
        switch self {
        case .tooLarge(let limit): "the file is longer than \(limit) bytes"
        case .tooManyEntries(let limit): "there are more than \(limit) entries"
        case .tooManyItems(let limit): "a list has more than \(limit) items"
        case .tooDeep(let limit): "lists are nested more than \(limit) deep"
        case .expectedKey: "a key or a [table] belongs here"
        case .expectedEquals: "an = belongs here"
        case .expectedValue: "a value belongs here: \"text\", a number, true, false or a [list]"
        case .expectedEndOfLine: "the line must end here"
        case .expectedBracket: "a ] belongs here"
        case .expectedComma: "a , or ] belongs here"
        case .unendedString: "the string does not end on its line"
        case .controlCharacter: "a control character must be written as an escape"
        case .invalidEscape: "no such escape; there are \\\" \\\\ \\n \\r \\t \\uXXXX"
        case .invalidNumber: "not a whole decimal number"
        case .numberOutOfRange: "the number does not fit 64 bits"
        case .unsupported(let what): "\(what) are not part of this file format"
        case .duplicateKey(let key): "\(key) is set twice"
        case .duplicateTable(let name): "[\(name)] stands twice"
        }
    }
}
