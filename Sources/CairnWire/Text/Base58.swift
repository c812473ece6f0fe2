/// Base58 with Bitcoin's alphabet: the bytes as one big number, each leading zero byte as a leading `1`.
///
/// Both directions take time quadratic in the length, so decoding is bounded by its caller; it is meant for ids.
public enum Base58 {
    private static let alphabet = Alphabet("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz")

    public static func encode(_ bytes: [UInt8]) -> String {
        let zeros = bytes.prefix { $0 == 0 }.count
        let digits = convert(bytes.dropFirst(zeros), from: 256, to: 58)
        let characters = [UInt8](repeating: 0, count: zeros) + digits
        return String(decoding: characters.map { alphabet.characters[Int($0)] }, as: UTF8.self)
    }

    /// Decodes at most `limit` bytes.
    public static func decode(_ text: some StringProtocol, limit: Int) throws(DecodeError) -> [UInt8] {
        // A byte needs 1.37 digits, but only one where it is zero: longer text cannot fit whatever it says.
        let size = max(0, text.utf8.count * 5 / 7 - 1)
        guard size <= limit else { throw .tooLarge(size: UInt64(size), limit: UInt64(max(limit, 0))) }
        var digits: [UInt8] = []
        digits.reserveCapacity(text.utf8.count)
        for character in text.utf8 {
            guard let digit = alphabet.value(of: character) else { throw .invalid("base58 character") }
            digits.append(digit)
        }
        let zeros = digits.prefix { $0 == 0 }.count
        let bytes = [UInt8](repeating: 0, count: zeros) + convert(digits.dropFirst(zeros), from: 58, to: 256)
        guard bytes.count <= limit else {
            throw .tooLarge(size: UInt64(bytes.count), limit: UInt64(max(limit, 0)))
        }
        return bytes
    }

    /// Long multiplication: the digits of a number in another base, most significant first, without leading zeros.
    private static func convert(_ digits: ArraySlice<UInt8>, from base: UInt32, to target: UInt32) -> [UInt8] {
        var reversed: [UInt8] = []
        for digit in digits {
            var carry = UInt32(digit)
            for index in reversed.indices {
                carry += UInt32(reversed[index]) * base
                reversed[index] = UInt8(truncatingIfNeeded: carry % target)
                carry /= target
            }
            while carry > 0 {
                reversed.append(UInt8(truncatingIfNeeded: carry % target))
                carry /= target
            }
        }
        return reversed.reversed()
    }
}
