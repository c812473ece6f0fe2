/// Reads the JSON of packet forwarders: strict about form and size, tolerant about numbers, escapes and what is in it.
///
/// Sizes, depth and count are checked before anything is built, in one pass without recursion deeper than the limit.
/// What it refuses is no JSON, or more than any forwarder sends.
struct LooseReader: ~Copyable, ~Escapable {
    private static let depthMax = 8
    /// 255 packets with twice as many fields as any of them has.
    private static let nodesMax = 16_384
    private static let stringMax = 2_048

    private let text: RawSpan
    private var position = 0
    private var nodes = 0

    @_lifetime(copy text)
    private init(_ text: RawSpan) { self.text = text }

    static func read(_ text: [UInt8]) -> LooseValue? {
        var reader = LooseReader(text.span.bytes)
        guard let value = reader.value(depth: 0) else { return nil }
        reader.skipSpace()
        // Some forwarders send the zero that ends a C string.
        while reader.peek() == 0 { reader.position += 1 }
        return reader.position == text.count ? value : nil
    }

    private func peek() -> UInt8? {
        // SAFETY: the position was just compared with the count.
        position < text.byteCount ? unsafe text.unsafeLoad(fromByteOffset: position, as: UInt8.self) : nil
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard peek() == byte else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = peek(), byte == 0x20 || (0x09...0x0a).contains(byte) || byte == 0x0d { position += 1 }
    }

    private mutating func value(depth: Int) -> LooseValue? {
        nodes += 1
        guard nodes <= Self.nodesMax, depth < Self.depthMax else { return nil }
        skipSpace()
        switch peek() {
        case UInt8(ascii: "{"): return object(depth: depth)
        case UInt8(ascii: "["): return array(depth: depth)
        case UInt8(ascii: "\""): return string().map { .string($0) }
        case UInt8(ascii: "t"): return word("true") ? .bool(true) : nil
        case UInt8(ascii: "f"): return word("false") ? .bool(false) : nil
        case UInt8(ascii: "n"): return word("null") ? .null : nil
        default: return number()
        }
    }

    private mutating func word(_ word: StaticString) -> Bool {
        for byte in String(describing: word).utf8 where !take(byte) { return false }
        return true
    }

    private mutating func object(depth: Int) -> LooseValue? {
        position += 1
        var members: [(key: [UInt8], value: LooseValue)] = []
        skipSpace()
        if take(UInt8(ascii: "}")) { return .object([]) }
        while true {
            skipSpace()
            guard let key = string() else { return nil }
            skipSpace()
            guard take(UInt8(ascii: ":")), let value = value(depth: depth + 1) else { return nil }
            members.append((key, value))
            skipSpace()
            if take(UInt8(ascii: "}")) { return .object(members) }
            guard take(UInt8(ascii: ",")) else { return nil }
        }
    }

    private mutating func array(depth: Int) -> LooseValue? {
        position += 1
        var items: [LooseValue] = []
        skipSpace()
        if take(UInt8(ascii: "]")) { return .array([]) }
        while true {
            guard let value = value(depth: depth + 1) else { return nil }
            items.append(value)
            skipSpace()
            if take(UInt8(ascii: "]")) { return .array(items) }
            guard take(UInt8(ascii: ",")) else { return nil }
        }
    }

    /// The bytes between quotes. Escapes other than of one character stay as they are: nothing here needs them.
    private mutating func string() -> [UInt8]? {
        guard take(UInt8(ascii: "\"")) else { return nil }
        var bytes: [UInt8] = []
        while let byte = peek(), byte >= 0x20 {
            position += 1
            guard bytes.count < Self.stringMax else { return nil }
            if byte == UInt8(ascii: "\"") { return bytes }
            if byte == UInt8(ascii: "\\") {
                guard let escaped = peek(), escaped >= 0x20 else { return nil }
                position += 1
                if escaped == UInt8(ascii: "u") { bytes.append(byte) }
                bytes.append(escaped)
            } else {
                bytes.append(byte)
            }
        }
        return nil
    }

    private mutating func number() -> LooseValue? {
        let negative = take(UInt8(ascii: "-"))
        var mantissa: Int64 = 0
        var exponent = 0
        var digits = 0
        var isFraction = false
        while let byte = peek() {
            if byte == UInt8(ascii: "."), !isFraction, digits > 0 {
                isFraction = true
            } else if (0x30...0x39).contains(byte) {
                digits += 1
                guard digits <= 40 else { return nil }
                // What lies beyond eighteen digits is smaller than anything measured here.
                if mantissa < 100_000_000_000_000_000 {
                    mantissa = mantissa * 10 + Int64(byte - 0x30)
                    if isFraction { exponent -= 1 }
                } else if !isFraction {
                    exponent += 1
                }
            } else {
                break
            }
            position += 1
        }
        guard digits > 0, let power = power() else { return nil }
        return .number(mantissa: negative ? -mantissa : mantissa, exponent: exponent + power)
    }

    /// What follows an e: from −99 to 99; zero when nothing does.
    private mutating func power() -> Int? {
        guard take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) else { return 0 }
        let negative = take(UInt8(ascii: "-"))
        if !negative { _ = take(UInt8(ascii: "+")) }
        var power = 0
        var digits = 0
        while let byte = peek(), (0x30...0x39).contains(byte), digits < 2 {
            power = power * 10 + Int(byte - 0x30)
            digits += 1
            position += 1
        }
        return digits > 0 ? (negative ? -power : power) : nil
    }
}
