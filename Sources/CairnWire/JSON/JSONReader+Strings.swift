import CairnBase

extension JSONReader {
    /// Reads a quoted string: runs of plain bytes are copied whole, escapes one by one, UTF-8 is checked at the end.
    mutating func string() throws(JSONError) -> String {
        let start = position
        var bytes: [UInt8] = []
        try expect(UInt8(ascii: "\""))
        while true {
            let run = position
            while let next = peek(), next >= 0x20, next != UInt8(ascii: "\""), next != UInt8(ascii: "\\") {
                position += 1
            }
            guard bytes.count + position - run <= limits.stringBytes else {
                throw error(.stringTooLong(limit: limits.stringBytes), at: start)
            }
            let plain = text.extracting(run..<position)
            // SAFETY: the borrowed bytes are copied before the closure returns.
            unsafe plain.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
            guard let stop = peek() else { throw error(.unexpectedEnd) }
            guard stop >= 0x20 else { throw error(.controlCharacter(stop)) }
            position += 1
            if stop == UInt8(ascii: "\"") { break }
            try escape(into: &bytes)
        }
        guard let value = String(validating: bytes, as: UTF8.self) else { throw error(.invalidUTF8, at: start) }
        return value
    }

    /// Reads what follows a backslash.
    private mutating func escape(into bytes: inout [UInt8]) throws(JSONError) {
        let start = position - 1
        guard let kind = peek() else { throw error(.unexpectedEnd) }
        position += 1
        switch kind {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): bytes.append(kind)
        case UInt8(ascii: "b"): bytes.append(0x08)
        case UInt8(ascii: "f"): bytes.append(0x0c)
        case UInt8(ascii: "n"): bytes.append(0x0a)
        case UInt8(ascii: "r"): bytes.append(0x0d)
        case UInt8(ascii: "t"): bytes.append(0x09)
        case UInt8(ascii: "u"):
            let scalar = try unicodeScalar(start)
            bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        default: throw error(.invalidEscape, at: start)
        }
    }

    private mutating func unicodeScalar(_ start: Int) throws(JSONError) -> Unicode.Scalar {
        let first = try fourHexDigits(start)
        guard first & 0xf800 == 0xd800 else {
            guard let scalar = Unicode.Scalar(first) else { throw error(.invalidEscape, at: start) }
            return scalar
        }
        guard first < 0xdc00, byte(at: position) == UInt8(ascii: "\\"), byte(at: position + 1) == UInt8(ascii: "u")
        else { throw error(.loneSurrogate, at: start) }
        position += 2
        let second = try fourHexDigits(start)
        guard second & 0xfc00 == 0xdc00,
            let scalar = Unicode.Scalar(0x1_0000 + (UInt32(first & 0x3ff) << 10 | UInt32(second & 0x3ff)))
        else { throw error(.loneSurrogate, at: start) }
        return scalar
    }

    private mutating func fourHexDigits(_ start: Int) throws(JSONError) -> UInt16 {
        var value: UInt16 = 0
        for _ in 0..<4 {
            guard let byte = peek() else { throw error(.unexpectedEnd) }
            guard let digit = hexValue(byte) else { throw error(.invalidEscape, at: start) }
            value = value << 4 | UInt16(digit)
            position += 1
        }
        return value
    }
}
