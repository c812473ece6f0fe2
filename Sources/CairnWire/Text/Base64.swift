/// Base64 of RFC 4648.
public enum Base64 {
    /// Which spellings of the same bytes are accepted.
    public enum Form: Sendable {
        /// The standard alphabet with its padding, and nothing else: one text for one byte string.
        case strict
        /// Also the URL-safe alphabet, and padding that is left out, as packet forwarders send it.
        case tolerant
    }

    private static let standard = Alphabet("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    private static let padding = UInt8(ascii: "=")

    public static func encode(_ bytes: [UInt8]) -> String {
        var characters = BitGroups.split(bytes, width: 6).map { standard.characters[Int($0)] }
        while !characters.count.isMultiple(of: 4) { characters.append(padding) }
        return String(decoding: characters, as: UTF8.self)
    }

    /// Decodes at most `limit` bytes. In either form padding must be right where it is present, and filling bits zero.
    public static func decode(
        _ text: some StringProtocol, _ form: Form = .strict, limit: Int
    ) throws(DecodeError) -> [UInt8] {
        let characters = text.utf8
        // The last group may hold two bytes less than its characters could.
        let size = max(0, characters.count / 4 * 3 - 2)
        guard size <= limit else { throw .tooLarge(size: UInt64(size), limit: UInt64(max(limit, 0))) }
        var groups: [UInt8] = []
        groups.reserveCapacity(characters.count)
        var padded = 0
        for character in characters {
            if character == padding {
                padded += 1
            } else {
                guard padded == 0, let group = value(of: character, form) else { throw .invalid("base64 character") }
                groups.append(group)
            }
        }
        let needed = (4 - groups.count % 4) % 4
        guard padded == needed || (form == .tolerant && padded == 0) else { throw .invalid("base64 padding") }
        guard let bytes = BitGroups.join(groups, width: 6) else { throw .notCanonical("base64") }
        guard bytes.count <= limit else {
            throw .tooLarge(size: UInt64(bytes.count), limit: UInt64(max(limit, 0)))
        }
        return bytes
    }

    private static func value(of character: UInt8, _ form: Form) -> UInt8? {
        switch (form, character) {
        case (.tolerant, UInt8(ascii: "-")): 62
        case (.tolerant, UInt8(ascii: "_")): 63
        default: standard.value(of: character)
        }
    }
}
