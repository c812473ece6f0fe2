/// Reads JSON strictly (RFC 8259, and less): one text means one value, to us and to every other careful reader.
///
/// Refused are duplicate keys, fractions, exponents and `-0`, numbers beyond 64 bits, invalid UTF-8, lone surrogates,
/// a byte order mark, anything after the value, and whatever exceeds the limits. Limits are checked before the value
/// they would let in is built; the depth limit also bounds the recursion.
public struct JSONReader: ~Copyable, ~Escapable {
    public struct Limits: Sendable, Hashable {
        public var bytes: Int
        public var depth: Int
        public var nodes: Int
        public var stringBytes: Int

        public init(bytes: Int = 1 << 20, depth: Int = 32, nodes: Int = 10_000, stringBytes: Int = 64 << 10) {
            self.bytes = bytes
            self.depth = depth
            self.nodes = nodes
            self.stringBytes = stringBytes
        }
    }

    private enum Step {
        case key(String)
        case index(Int)
    }

    let text: RawSpan
    let limits: Limits
    var position = 0
    private var nodes = 0
    private var path: [Step] = []

    @_lifetime(copy text)
    private init(_ text: RawSpan, _ limits: Limits) {
        self.text = text
        self.limits = limits
    }

    public static func read(_ text: RawSpan, limits: Limits = Limits()) throws(JSONError) -> JSON {
        var reader = JSONReader(text, limits)
        return try reader.document()
    }

    public static func read(_ text: [UInt8], limits: Limits = Limits()) throws(JSONError) -> JSON {
        try read(text.span.bytes, limits: limits)
    }

    private mutating func document() throws(JSONError) -> JSON {
        guard text.byteCount <= limits.bytes else { throw error(.documentTooLarge(limit: limits.bytes)) }
        if byte(at: 0) == 0xef, byte(at: 1) == 0xbb, byte(at: 2) == 0xbf { throw error(.byteOrderMark) }
        skipSpace()
        let value = try value(depth: 0)
        skipSpace()
        guard position == text.byteCount else { throw error(.trailing(count: text.byteCount - position)) }
        return value
    }

    private mutating func value(depth: Int) throws(JSONError) -> JSON {
        nodes += 1
        guard nodes <= limits.nodes else { throw error(.tooManyNodes(limit: limits.nodes)) }
        guard let first = peek() else { throw error(.unexpectedEnd) }
        switch first {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: throw error(.unexpected(byte: first))
        }
    }

    private mutating func object(depth: Int) throws(JSONError) -> JSON {
        var members: [JSON.Member] = []
        // ORDER: only asked whether a key is there already; the members keep the order of the text.
        var keys: Set<String> = []
        try list(closedBy: UInt8(ascii: "}"), depth: depth) { reader throws(JSONError) in
            guard let first = reader.peek() else { throw reader.error(.unexpectedEnd) }
            guard first == UInt8(ascii: "\"") else { throw reader.error(.unexpected(byte: first)) }
            let start = reader.position
            let key = try reader.string()
            guard keys.insert(key).inserted else { throw reader.error(.duplicateKey(key), at: start) }
            reader.skipSpace()
            try reader.expect(UInt8(ascii: ":"))
            reader.skipSpace()
            reader.path.append(.key(key))
            members.append(JSON.Member(key, try reader.value(depth: depth + 1)))
            reader.path.removeLast()
        }
        return .object(members)
    }

    private mutating func array(depth: Int) throws(JSONError) -> JSON {
        var items: [JSON] = []
        try list(closedBy: UInt8(ascii: "]"), depth: depth) { reader throws(JSONError) in
            reader.path.append(.index(items.count))
            items.append(try reader.value(depth: depth + 1))
            reader.path.removeLast()
        }
        return .array(items)
    }

    /// What objects and arrays share: the brackets, the commas, the depth.
    private mutating func list(
        closedBy close: UInt8, depth: Int, _ item: (inout JSONReader) throws(JSONError) -> Void
    ) throws(JSONError) {
        guard depth < limits.depth else { throw error(.tooDeep(limit: limits.depth)) }
        position += 1
        skipSpace()
        if peek() == close {
            position += 1
            return
        }
        while true {
            try item(&self)
            skipSpace()
            if peek() == close {
                position += 1
                return
            }
            try expect(UInt8(ascii: ","))
            skipSpace()
        }
    }

    private mutating func word(_ word: StaticString, _ value: JSON) throws(JSONError) -> JSON {
        for character in String(describing: word).utf8 { try expect(character) }
        return value
    }

    private mutating func number() throws(JSONError) -> Int128 {
        let start = position
        let negative = peek() == UInt8(ascii: "-")
        if negative { position += 1 }
        var magnitude: UInt64 = 0
        let digits = position
        while let digit = peek(), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) {
            if position > digits && magnitude == 0 { throw error(.unexpected(byte: digit)) }
            let (tens, tooBig) = magnitude.multipliedReportingOverflow(by: 10)
            let (sum, tooBigSum) = tens.addingReportingOverflow(UInt64(digit - UInt8(ascii: "0")))
            guard !tooBig, !tooBigSum else { throw error(.outOfRange, at: start) }
            magnitude = sum
            position += 1
        }
        guard position > digits else { throw unexpected() }
        switch peek() {
        case UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"): throw error(.notAnInteger, at: start)
        default: break
        }
        guard negative else { return Int128(magnitude) }
        guard magnitude > 0 else { throw error(.notAnInteger, at: start) }
        guard magnitude <= UInt64(Int64.max) + 1 else { throw error(.outOfRange, at: start) }
        return -Int128(magnitude)
    }
}

extension JSONReader {
    func byte(at offset: Int) -> UInt8? {
        guard offset < text.byteCount else { return nil }
        // SAFETY: the offset was just checked, and every byte is a UInt8.
        return unsafe text.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
    }

    func peek() -> UInt8? { byte(at: position) }

    mutating func expect(_ wanted: UInt8) throws(JSONError) {
        guard peek() == wanted else { throw unexpected() }
        position += 1
    }

    mutating func skipSpace() {
        while let next = peek(), next == 0x20 || next == 0x0a || next == 0x0d || next == 0x09 { position += 1 }
    }

    func unexpected() -> JSONError {
        if let byte = peek() { error(.unexpected(byte: byte)) } else { error(.unexpectedEnd) }
    }

    /// An error at a byte, by default the next one. The path and line are put together only now.
    func error(_ reason: JSONError.Reason, at offset: Int? = nil) -> JSONError {
        let offset = offset ?? position
        var line = 1
        var start = 0
        for index in 0..<min(offset, text.byteCount) where byte(at: index) == UInt8(ascii: "\n") {
            line += 1
            start = index + 1
        }
        return JSONError(reason: reason, path: pathText, offset: offset, line: line, column: offset - start + 1)
    }

    private var pathText: String {
        path.reduce(into: "$") { text, step in
            switch step {
            case .index(let index): text += "[\(index)]"
            case .key(let key) where key.utf8.allSatisfy(Self.plain) && !key.isEmpty: text += ".\(key)"
            case .key(let key): text += "[\(JSON.string(key).text)]"
            }
        }
    }

    private static func plain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
