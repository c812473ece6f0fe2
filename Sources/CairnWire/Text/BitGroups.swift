/// Regroups a string of bits: bytes into groups of five or six bits and back, first bit first.
enum BitGroups {
    /// Splits bytes into groups of `width` bits; the last group is filled with zero bits.
    static func split(_ bytes: [UInt8], width: Int) -> [UInt8] {
        var groups: [UInt8] = []
        groups.reserveCapacity((bytes.count * 8 + width - 1) / width)
        var pending: UInt32 = 0
        var bits = 0
        for byte in bytes {
            pending = (pending << 8 | UInt32(byte)) & 0xffff
            bits += 8
            while bits >= width {
                bits -= width
                groups.append(UInt8(truncatingIfNeeded: pending >> UInt32(bits)) & mask(width))
            }
        }
        if bits > 0 { groups.append(UInt8(truncatingIfNeeded: pending << UInt32(width - bits)) & mask(width)) }
        return groups
    }

    /// Joins groups into bytes. A whole unused group, or a filling bit that is not zero, is not canonical.
    static func join(_ groups: [UInt8], width: Int) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(groups.count * width / 8)
        var pending: UInt32 = 0
        var bits = 0
        for group in groups {
            pending = (pending << UInt32(width) | UInt32(group)) & 0xffff
            bits += width
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: pending >> UInt32(bits)))
            }
        }
        guard bits < width, pending & ((1 << UInt32(bits)) - 1) == 0 else { return nil }
        return bytes
    }

    private static func mask(_ width: Int) -> UInt8 { (1 << UInt8(width)) - 1 }
}
