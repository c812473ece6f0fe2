public import CairnBase

/// A value with exactly one byte string, and a byte string with at most one value.
///
/// `init(from:)` reads the value and leaves what follows it; `decode` also refuses trailing bytes. Whoever adds a
/// conforming type pins its bytes in a fixture.
public protocol Canonical {
    init(from reader: inout ByteReader) throws(DecodeError)
    func encode(into writer: inout ByteWriter)
}

extension Canonical {
    public var encoded: [UInt8] {
        // Most are records and headers: one piece of memory instead of one at every doubling.
        var writer = ByteWriter(capacity: 128)
        encode(into: &writer)
        return writer.bytes
    }

    /// Decodes a whole input: at most `limit` bytes, none left over.
    public static func decode(_ bytes: RawSpan, limit: Int) throws(DecodeError) -> Self {
        guard bytes.byteCount <= limit else {
            throw .tooLarge(size: UInt64(bytes.byteCount), limit: UInt64(limit))
        }
        var reader = ByteReader(bytes)
        let value = try Self(from: &reader)
        try reader.end()
        return value
    }

    public static func decode(_ bytes: [UInt8], limit: Int) throws(DecodeError) -> Self {
        try decode(bytes.span.bytes, limit: limit)
    }

    /// The value's digest under a domain tag.
    public func digest(_ tag: DomainTag, using hash: some HashFunction) -> Digest {
        hash.digest(tag, encoded)
    }
}
