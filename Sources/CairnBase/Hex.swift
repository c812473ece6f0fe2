/// Lower-case hexadecimal, the one textual form of raw bytes.
public func hex(_ bytes: some Sequence<UInt8>) -> String {
    var characters: [UInt8] = []
    characters.reserveCapacity(bytes.underestimatedCount * 2)
    for byte in bytes {
        characters.append(hexDigit(byte >> 4))
        characters.append(hexDigit(byte & 15))
    }
    return String(decoding: characters, as: UTF8.self)
}

/// All sixteen digits of a number, as a radio's hardware number is printed on it.
public func hex(_ number: UInt64) -> String {
    hex((0..<8).reversed().map { UInt8(truncatingIfNeeded: number >> (8 * $0)) })
}

/// Parses hexadecimal of either case. Odd lengths and any other character are refused.
public func bytes(hex text: some StringProtocol) -> [UInt8]? {
    let characters = Array(text.utf8)
    guard characters.count.isMultiple(of: 2) else { return nil }
    var result: [UInt8] = []
    result.reserveCapacity(characters.count / 2)
    for index in stride(from: 0, to: characters.count, by: 2) {
        guard let high = hexValue(characters[index]), let low = hexValue(characters[index + 1]) else { return nil }
        result.append(high << 4 | low)
    }
    return result
}

private func hexDigit(_ nibble: UInt8) -> UInt8 {
    nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10
}

/// The value of a hexadecimal digit of either case.
public func hexValue(_ character: UInt8) -> UInt8? {
    switch character {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): character - UInt8(ascii: "A") + 10
    default: nil
    }
}
