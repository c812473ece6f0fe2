/// A domain tag of at most 16 ASCII bytes, zero-padded: the personalisation of a hash, the prefix of a signature.
///
/// Tags look like `cn/block`. Two uses with different tags can never be confused, whatever their bytes.
@frozen
public struct DomainTag: Sendable, Hashable {
    /// Bytes 0–7 and 8–15, little-endian words of the padded tag.
    public let low: UInt64
    public let high: UInt64

    public init(_ tag: StaticString) {
        invariant(tag.utf8CodeUnitCount <= 16 && tag.isASCII, "a domain tag is at most 16 ASCII bytes: \(tag)")
        var words: (UInt64, UInt64) = (0, 0)
        var index = 0
        for byte in String(describing: tag).utf8 {
            if index < 8 {
                words.0 |= UInt64(byte) << UInt64(8 * index)
            } else {
                words.1 |= UInt64(byte) << UInt64(8 * (index - 8))
            }
            index += 1
        }
        low = words.0
        high = words.1
    }
}

/// How pure targets hash without importing C.
///
/// `CairnCrypto.Blake2b` is the real one; simulations may inject a cheaper keyed hash. The value is stored in the
/// core that uses it (`struct Ledger<Hash: HashFunction>`), so a call is static, not boxed.
public protocol HashFunction: Sendable {
    /// BLAKE2b-256 with `tag` as personalisation over the given bytes.
    func digest(_ tag: DomainTag, _ bytes: RawSpan) -> Digest

    /// The digests of messages of one length, not of zero, that lie end to end. A processor that hashes several side by
    /// side needs little more time for them than for one.
    func digests(_ tag: DomainTag, of messages: RawSpan, each length: Int) -> [Digest]
}

extension HashFunction {
    @inlinable
    public func digest(_ tag: DomainTag, _ bytes: [UInt8]) -> Digest {
        digest(tag, bytes.span.bytes)
    }

    public func digests(_ tag: DomainTag, of messages: RawSpan, each length: Int) -> [Digest] {
        requireWhole(messages, each: length)
        var digests: [Digest] = []
        digests.reserveCapacity(messages.byteCount / length)
        for start in stride(from: 0, to: messages.byteCount, by: length) {
            digests.append(digest(tag, messages.extracting(start..<(start + length))))
        }
        return digests
    }

    /// Half a message has no digest, and messages of no length no number.
    package func requireWhole(_ messages: RawSpan, each length: Int) {
        invariant(length > 0 && messages.byteCount % length == 0, "messages that are hashed together are whole")
    }

    /// The digests of some messages, neighbours of one length at once.
    @inlinable
    public func digests(_ tag: DomainTag, _ messages: [[UInt8]]) -> [Digest] {
        var digests: [Digest] = []
        digests.reserveCapacity(messages.count)
        var rest = messages[...]
        while let length = rest.first?.count {
            let run = rest.prefix { $0.count == length }
            rest = rest.dropFirst(run.count)
            if run.count == 1 || length == 0 {
                for message in run { digests.append(digest(tag, message)) }
                continue
            }
            var endToEnd: [UInt8] = []
            endToEnd.reserveCapacity(run.count * length)
            for message in run { endToEnd.append(contentsOf: message) }
            digests += self.digests(tag, of: endToEnd.span.bytes, each: length)
        }
        return digests
    }
}

/// A hash that also comes 64 bytes wide.
public protocol WideHashFunction: HashFunction {
    /// BLAKE2b-512 with `tag` as personalisation over the given bytes.
    func digest512(_ tag: DomainTag, _ bytes: RawSpan) -> InlineArray<64, UInt8>
}
