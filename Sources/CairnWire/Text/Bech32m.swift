/// Bech32m (BIP-350): a readable prefix, `1`, the data in 32 clear characters, and a checksum that finds any four
/// wrong characters.
public enum Bech32m {
    private static let alphabet = Alphabet("qpzry9x8gf2tvdw0s3jn54khce6mua7l")
    private static let constant: UInt32 = 0x2bc8_30a3
    private static let checksumCount = 6
    public static let longest = 90

    public static func encode(prefix: String, _ bytes: [UInt8]) -> String {
        encode(prefix: prefix, groups: BitGroups.split(bytes, width: 5))
    }

    /// Decodes text that must carry exactly this prefix. All lower or all upper case is accepted, a mixture is not.
    public static func decode(prefix: String, _ text: some StringProtocol) throws(DecodeError) -> [UInt8] {
        let parts = try decode(text)
        guard parts.prefix == prefix else { throw .invalid("bech32m prefix") }
        guard let bytes = BitGroups.join(parts.groups, width: 5) else { throw .notCanonical("bech32m") }
        return bytes
    }

    package static func encode(prefix: String, groups: [UInt8]) -> String {
        let sum = checksum(expand(prefix) + groups + [UInt8](repeating: 0, count: checksumCount)) ^ constant
        let tail = (0..<checksumCount).map { UInt8(truncatingIfNeeded: sum >> UInt32(5 * (5 - $0))) & 31 }
        let characters = (groups + tail).map { alphabet.characters[Int($0)] }
        return prefix + "1" + String(decoding: characters, as: UTF8.self)
    }

    package static func decode(_ text: some StringProtocol) throws(DecodeError) -> (prefix: String, groups: [UInt8]) {
        guard text.utf8.count <= longest else {
            throw .tooLarge(size: UInt64(text.utf8.count), limit: UInt64(longest))
        }
        let characters = try lowerCase(Array(text.utf8))
        guard let separator = characters.lastIndex(of: UInt8(ascii: "1")), separator > 0 else {
            throw .invalid("bech32m prefix")
        }
        var groups: [UInt8] = []
        for character in characters[(separator + 1)...] {
            guard let group = alphabet.value(of: character) else { throw .invalid("bech32m character") }
            groups.append(group)
        }
        guard groups.count >= checksumCount else {
            throw .truncated(need: checksumCount, have: groups.count)
        }
        let prefix = String(decoding: characters[..<separator], as: UTF8.self)
        guard checksum(expand(prefix) + groups) == constant else { throw .invalid("bech32m checksum") }
        return (prefix, groups.dropLast(checksumCount))
    }

    private static func lowerCase(_ characters: [UInt8]) throws(DecodeError) -> [UInt8] {
        var lower = false
        var upper = false
        var result: [UInt8] = []
        result.reserveCapacity(characters.count)
        for character in characters {
            switch character {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"):
                upper = true
                result.append(character | 0x20)
            case UInt8(ascii: "a")...UInt8(ascii: "z"):
                lower = true
                result.append(character)
            case 33...126: result.append(character)
            default: throw .invalid("bech32m character")
            }
        }
        guard !(lower && upper) else { throw .notCanonical("bech32m case") }
        return result
    }

    private static func expand(_ prefix: String) -> [UInt8] {
        prefix.utf8.map { $0 >> 5 } + [0] + prefix.utf8.map { $0 & 31 }
    }

    /// The BCH code of BIP-173 over GF(32).
    private static func checksum(_ groups: [UInt8]) -> UInt32 {
        let generators: [UInt32] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3]
        var sum: UInt32 = 1
        for group in groups {
            let top = sum >> 25
            sum = (sum & 0x01ff_ffff) << 5 ^ UInt32(group)
            for (bit, generator) in generators.enumerated() where top >> UInt32(bit) & 1 == 1 { sum ^= generator }
        }
        return sum
    }
}
