public import CairnBase
internal import CairnWire

/// The mask of one sealed unit: 16,384 labels of 64 bytes, each the hash of two others and, after the first pass, of its
/// own former value.
///
/// Every label of the last pass needs a value of the pass before it that nobody keeps. So the smallest piece that can be
/// made again is the whole unit, at the full cost T, and a copy that was masked for one provider is of no use to
/// another. This is a heuristic without a proof; `docs/protocol/storage.md` says what that means.
public struct Pad: Sendable {
    public static let labelsPerUnit = 16_384
    static let labelWords = 8
    private static let tag = DomainTag("cn/pad.l")
    private static let seedTag = DomainTag("cn/pad")

    public let passes: Int

    /// Nil unless there is at least one pass.
    public init?(passes: Int) {
        guard passes >= 1 else { return nil }
        self.passes = passes
    }

    /// What the mask of a unit is grown from: the unit's place in its shard, for one provider on one chain.
    public static func seed(
        chain: ChainID, provider: Digest, shardRoot: Digest, unit: UInt32, using hash: some HashFunction
    ) -> Bytes32 {
        var writer = ByteWriter()
        writer.identifier(chain)
        writer.identifier(provider)
        writer.identifier(shardRoot)
        writer.u32(unit)
        return hash.digest(seedTag, writer.bytes).raw
    }

    /// The mask grown from `seed`, `labels` × 64 bytes; a whole unit's unless a test asks for fewer.
    public func mask(
        from seed: Bytes32, labels: Int = Pad.labelsPerUnit, using hash: some WideHashFunction
    ) -> [UInt8] {
        var words = [UInt64](repeating: 0, count: labels * Self.labelWords)
        var message = Message(seed: seed)
        for pass in 0..<passes {
            for label in 0..<labels { message.write(label, pass: pass, of: labels, into: &words, using: hash) }
        }
        var writer = ByteWriter()
        for word in words { writer.u64(UInt64(littleEndian: word)) }
        return writer.bytes
    }

    /// What a label is the hash of: seed | previous | picked | own former value, from the second pass on | pass | index.
    private struct Message {
        /// As it lies in memory, so that hashing it copies nothing.
        private var words: [30 of UInt64]

        init(seed: Bytes32) {
            words = .init(repeating: 0)
            let bytes = seed.inline
            for index in 0..<4 {
                // SAFETY: 32 bytes hold four words, and any bit pattern is one.
                words[index] = unsafe bytes.span.bytes.unsafeLoadUnaligned(
                    fromByteOffset: index * 8, as: UInt64.self)
            }
        }

        mutating func write(
            _ label: Int, pass: Int, of labels: Int, into all: inout [UInt64], using hash: some WideHashFunction
        ) {
            let width = Pad.labelWords
            let previous = label > 0 ? label - 1 : labels - 1
            // Before its first pass a label is zero, which makes both parents of the very first one zero.
            let drawn = UInt64(littleEndian: all[previous * width])
            let among = pass > 0 ? labels : max(label, 1)
            let pick = Int(drawn % UInt64(among))
            for word in 0..<width {
                words[4 + word] = all[previous * width + word]
                words[12 + word] = all[pick * width + word]
                words[20 + word] = all[label * width + word]
            }
            let end = pass > 0 ? 28 : 20
            words[end] = UInt64(pass).littleEndian
            words[end + 1] = UInt64(label).littleEndian
            let digest = hash.digest512(Pad.tag, words.span.bytes.extracting(first: (end + 2) * 8))
            for word in 0..<width {
                // SAFETY: 64 bytes hold eight words, and any bit pattern is one.
                all[label * width + word] = unsafe digest.span.bytes.unsafeLoadUnaligned(
                    fromByteOffset: word * 8, as: UInt64.self)
            }
        }
    }
}
