/// Base32 of RFC 4648 in lower case without padding, as multibase and CIDs use it.
public enum Base32 {
    private static let alphabet = Alphabet("abcdefghijklmnopqrstuvwxyz234567")

    public static func encode(_ bytes: [UInt8]) -> String {
        let characters = BitGroups.split(bytes, width: 5).map { alphabet.characters[Int($0)] }
        return String(decoding: characters, as: UTF8.self)
    }

    /// Decodes at most `limit` bytes. Upper case, padding and filling bits other than zero are refused.
    public static func decode(_ text: some StringProtocol, limit: Int) throws(DecodeError) -> [UInt8] {
        let characters = text.utf8
        let size = characters.count * 5 / 8
        guard size <= limit else { throw .tooLarge(size: UInt64(size), limit: UInt64(max(limit, 0))) }
        var groups: [UInt8] = []
        groups.reserveCapacity(characters.count)
        for character in characters {
            guard let group = alphabet.value(of: character) else { throw .invalid("base32 character") }
            groups.append(group)
        }
        guard let bytes = BitGroups.join(groups, width: 5) else { throw .notCanonical("base32") }
        return bytes
    }
}
