import CairnBase
import CairnWire

/// A quick stand-in for BLAKE2b: proofs must not trap whatever the hash is.
struct Mixing: HashFunction {
    func digest(_ tag: DomainTag, _ bytes: RawSpan) -> Digest {
        var reader = ByteReader(bytes)
        var random = SeededRandom(seed: tag.low ^ tag.high)
        while let byte = try? reader.u8() { random = SeededRandom(seed: random.next() ^ UInt64(byte)) }
        var writer = ByteWriter(capacity: 32)
        for _ in 0..<4 { writer.u64(random.next()) }
        return Digest(Bytes32(writer.bytes) ?? .zero)
    }
}
