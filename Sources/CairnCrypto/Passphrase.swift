/// Why bytes are no passphrase.
public enum PassphraseError: Error, Equatable, Sendable {
    /// Nothing is left after control characters are dropped.
    case empty
    case tooLong(count: Int, limit: Int)
}

/// What a person types, or a file holds, to open a key: bytes in wiped memory, never a `String`.
///
/// The bytes are UTF-8 as they came. Control characters (C0, DEL, C1) are dropped, since a terminal adds them without
/// showing them. Characters that Unicode can write in two ways are not unified.
public struct Passphrase: ~Copyable, Sendable {
    public static let maximumCount = 1024

    let bytes: SecretBytes

    public init(_ typed: RawSpan) throws(PassphraseError) {
        guard typed.byteCount <= Self.maximumCount else {
            throw .tooLong(count: typed.byteCount, limit: Self.maximumCount)
        }
        let bytes = withScratch(Self.maximumCount) { kept in
            var count = 0
            var offset = 0
            while offset < typed.byteCount {
                let width = Self.controlWidth(typed, at: offset)
                if width == 0 {
                    kept[count] = typed.byte(at: offset)
                    count += 1
                }
                offset += max(width, 1)
            }
            return SecretBytes(count: count, filledBy: { $0.update(from: kept, count: count) })
        }
        guard bytes.count > 0 else { throw .empty }
        self.bytes = bytes
    }

    /// How many bytes the control character at an offset takes; 0 when it is another character.
    private static func controlWidth(_ typed: RawSpan, at offset: Int) -> Int {
        let byte = typed.byte(at: offset)
        if byte < 0x20 || byte == 0x7f { return 1 }
        // U+0080 to U+009F in UTF-8; 0xC2 is never anything but the first byte of two.
        if byte == 0xc2, offset + 1 < typed.byteCount, (0x80...0x9f).contains(typed.byte(at: offset + 1)) { return 2 }
        return 0
    }
}
