import CairnBase

/// Reads a document byte by byte. It never looks back more than the line it is in, and nothing it keeps is unbounded.
struct TOMLReader {
    private let bytes: [UInt8]
    private let limits: TOML.Limits
    private var offset = 0
    private var line = 1
    private var lineStart = 0
    private var entryCount = 0

    init(_ text: String, limits: TOML.Limits) {
        bytes = Array(text.utf8)
        self.limits = limits
    }

    mutating func document() throws(TOMLError) -> [TOML.Table] {
        guard bytes.count <= limits.bytes else { throw error(.tooLarge(limit: limits.bytes)) }
        var tables = [TOML.Table(path: [], isElement: false, line: 1)]
        // Looked up instead of searched for, so that ten thousand headings or keys cost no more than they should.
        var isElement = OrderedMap<String, Bool>()
        var keys = OrderedSet<String>()
        while true {
            skipBlank(acrossLines: true)
            guard let byte = peek else { return tables }
            try count()
            if byte == Self.open {
                let table = try heading()
                let name = table.path.joined(separator: ".")
                let earlier = isElement.updateValue(table.isElement, forKey: name)
                guard earlier == nil || (earlier == true && table.isElement) else { throw error(.duplicateTable(name)) }
                tables.append(table)
                keys.removeAll()
            } else {
                let entry = try self.entry()
                guard keys.insert(entry.key) else { throw error(.duplicateKey(entry.key)) }
                tables[tables.count - 1].entries.append(entry)
            }
            try endLine()
        }
    }

    private mutating func heading() throws(TOMLError) -> TOML.Table {
        offset += 1
        let isElement = take(Self.open)
        var path: [String] = []
        repeat {
            skipBlank()
            path.append(try key())
            skipBlank()
        } while take(UInt8(ascii: "."))
        guard take(Self.close), !isElement || take(Self.close) else { throw error(.expectedBracket) }
        return TOML.Table(path: path, isElement: isElement, line: line)
    }

    private mutating func entry() throws(TOMLError) -> TOML.Entry {
        let start = line
        let key = try self.key()
        skipBlank()
        if peek == UInt8(ascii: ".") { throw error(.unsupported("dotted keys")) }
        guard take(UInt8(ascii: "=")) else { throw error(.expectedEquals) }
        skipBlank()
        return TOML.Entry(key: key, value: try value(depth: 0), line: start)
    }

    private mutating func key() throws(TOMLError) -> String {
        let start = offset
        while let byte = peek, Self.isKeyByte(byte) { offset += 1 }
        guard offset > start else {
            throw error(peek == Self.quote ? .unsupported("quoted keys") : .expectedKey)
        }
        return String(decoding: bytes[start..<offset], as: UTF8.self)
    }
}

// MARK: Values

extension TOMLReader {
    private mutating func value(depth: Int) throws(TOMLError) -> TOML.Value {
        switch peek {
        case Self.quote: return .string(try string())
        case Self.open: return .array(try array(depth: depth + 1))
        case UInt8(ascii: "'"): throw error(.unsupported("strings in single quotes"))
        case UInt8(ascii: "{"): throw error(.unsupported("inline tables"))
        default: return try word()
        }
    }

    /// A number or a boolean: everything up to what cannot belong to one.
    private mutating func word() throws(TOMLError) -> TOML.Value {
        let start = offset
        while let byte = peek, Self.isKeyByte(byte) || byte == UInt8(ascii: "+") || byte == UInt8(ascii: ".") {
            offset += 1
        }
        let word = bytes[start..<offset]
        if word.elementsEqual("true".utf8) { return .bool(true) }
        if word.elementsEqual("false".utf8) { return .bool(false) }
        // What is wrong with the word is said about its start.
        offset = start
        guard let first = word.first else { throw error(.expectedValue) }
        guard Self.isDigit(first) || first == UInt8(ascii: "-") || first == UInt8(ascii: "+") else {
            throw error(.expectedValue)
        }
        let number = try self.number(word)
        offset = start + word.count
        return .integer(number)
    }

    /// `0`, `-12`, `1_000`: a sign, then digits without a leading zero, underscores only between digits.
    private func number(_ word: ArraySlice<UInt8>) throws(TOMLError) -> Int64 {
        if word.contains(UInt8(ascii: ".")) { throw error(.unsupported("fractions")) }
        let isNegative = word.first == UInt8(ascii: "-")
        let digits = isNegative || word.first == UInt8(ascii: "+") ? word.dropFirst() : word
        guard let first = digits.first, Self.isDigit(first), digits.count == 1 || first != UInt8(ascii: "0") else {
            throw error(.invalidNumber)
        }
        var number: Int64 = 0
        var wasDigit = false
        for byte in digits {
            if byte == UInt8(ascii: "_"), wasDigit {
                wasDigit = false
                continue
            }
            guard Self.isDigit(byte) else { throw error(.invalidNumber) }
            wasDigit = true
            // Counted downwards, because the negative side reaches one further.
            let (product, overflow) = number.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.subtractingReportingOverflow(Int64(byte - UInt8(ascii: "0")))
            guard !overflow, !carry else { throw error(.numberOutOfRange) }
            number = sum
        }
        guard wasDigit else { throw error(.invalidNumber) }
        if isNegative { return number }
        guard number != .min else { throw error(.numberOutOfRange) }
        return -number
    }

    private mutating func array(depth: Int) throws(TOMLError) -> [TOML.Value] {
        guard depth <= limits.depth else { throw error(.tooDeep(limit: limits.depth)) }
        offset += 1
        var items: [TOML.Value] = []
        while true {
            skipBlank(acrossLines: true)
            if take(Self.close) { return items }
            guard items.count < limits.items else { throw error(.tooManyItems(limit: limits.items)) }
            try count()
            items.append(try value(depth: depth))
            skipBlank(acrossLines: true)
            guard take(UInt8(ascii: ",")) || peek == Self.close else { throw error(.expectedComma) }
        }
    }

    private mutating func string() throws(TOMLError) -> String {
        offset += 1
        var content: [UInt8] = []
        while true {
            guard let byte = peek, byte != UInt8(ascii: "\n") else { throw error(.unendedString) }
            switch byte {
            case Self.quote:
                offset += 1
                if content.isEmpty, peek == Self.quote { throw error(.unsupported("multi-line strings")) }
                return String(decoding: content, as: UTF8.self)
            case UInt8(ascii: "\\"):
                offset += 1
                try escape(into: &content)
            case 0..<32 where byte != UInt8(ascii: "\t"), 127: throw error(.controlCharacter)
            default:
                content.append(byte)
                offset += 1
            }
        }
    }

    private mutating func escape(into content: inout [UInt8]) throws(TOMLError) {
        switch peek {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): content.append(bytes[offset])
        case UInt8(ascii: "n"): content.append(UInt8(ascii: "\n"))
        case UInt8(ascii: "r"): content.append(UInt8(ascii: "\r"))
        case UInt8(ascii: "t"): content.append(UInt8(ascii: "\t"))
        case UInt8(ascii: "u"):
            let digits = bytes[min(offset + 1, bytes.count)..<min(offset + 5, bytes.count)]
            guard digits.count == 4, digits.allSatisfy({ hexValue($0) != nil }),
                let code = UInt32(String(decoding: digits, as: UTF8.self), radix: 16), let scalar = Unicode.Scalar(code)
            else { throw error(.invalidEscape) }
            content.append(contentsOf: String(Character(scalar)).utf8)
            offset += 4
        default: throw error(.invalidEscape)
        }
        offset += 1
    }
}

// MARK: Bytes

extension TOMLReader {
    private static let open = UInt8(ascii: "[")
    private static let close = UInt8(ascii: "]")
    private static let quote = UInt8(ascii: "\"")

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    private static func isKeyByte(_ byte: UInt8) -> Bool {
        isDigit(byte) || isLetter(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
    }

    private var peek: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard peek == byte else { return false }
        offset += 1
        return true
    }

    private mutating func count() throws(TOMLError) {
        entryCount += 1
        guard entryCount <= limits.entries else { throw error(.tooManyEntries(limit: limits.entries)) }
    }

    /// Skips spaces; across lines also line ends and comments.
    private mutating func skipBlank(acrossLines: Bool = false) {
        while let byte = peek {
            switch byte {
            case UInt8(ascii: " "), UInt8(ascii: "\t"): offset += 1
            case UInt8(ascii: "#") where acrossLines: skipComment()
            case UInt8(ascii: "\r") where acrossLines && isCarriageReturnOfLineEnd: offset += 1
            case UInt8(ascii: "\n") where acrossLines:
                offset += 1
                line += 1
                lineStart = offset
            default: return
            }
        }
    }

    private mutating func skipComment() {
        while let byte = peek, byte != UInt8(ascii: "\n") { offset += 1 }
    }

    private var isCarriageReturnOfLineEnd: Bool {
        offset + 1 < bytes.count && bytes[offset + 1] == UInt8(ascii: "\n")
    }

    private mutating func endLine() throws(TOMLError) {
        skipBlank()
        if peek == UInt8(ascii: "#") { skipComment() }
        guard peek == nil || peek == UInt8(ascii: "\n") || (peek == UInt8(ascii: "\r") && isCarriageReturnOfLineEnd)
        else { throw error(.expectedEndOfLine) }
    }

    private func error(_ reason: TOMLError.Reason) -> TOMLError {
        TOMLError(reason: reason, line: line, column: offset - lineStart + 1)
    }
}
