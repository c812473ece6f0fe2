public import CairnBase

/// A cheap 256-bit hash for simulations. **Not cryptographic**: whoever tries can make collisions.
///
/// It spreads honest input well enough that accidents do not happen, at several times the speed of BLAKE2b, and its
/// output depends on nothing but its input. No program but the simulator may use it.
public struct MixHash: HashFunction {
    public init() {}

    public func digest(_ tag: DomainTag, _ bytes: RawSpan) -> Digest {
        var lanes = Lanes(tag: tag, count: UInt64(bytes.byteCount))
        var offset = 0
        while offset + 8 <= bytes.byteCount {
            // SAFETY: eight bytes at `offset` were just checked to be there, and any bits are an integer.
            let word = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
            lanes.absorb(UInt64(littleEndian: word))
            offset += 8
        }
        var last: UInt64 = 0
        var shift: UInt64 = 0
        while offset < bytes.byteCount {
            // SAFETY: as above, for one byte.
            last |= UInt64(unsafe bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self)) << shift
            offset += 1
            shift += 8
        }
        lanes.absorb(last)
        return Digest(lanes.finish())
    }

    private struct Lanes {
        var a: UInt64
        var b: UInt64
        var c: UInt64
        var d: UInt64

        init(tag: DomainTag, count: UInt64) {
            a = tag.low ^ 0x9e37_79b9_7f4a_7c15
            b = tag.high ^ 0xc2b2_ae3d_27d4_eb4f
            c = count ^ 0x1656_67b1_9e37_79f9
            d = 0x27d4_eb2f_1656_67c5
        }

        mutating func absorb(_ word: UInt64) {
            a = (a ^ word) &* 0x9e37_79b9_7f4a_7c15
            b = (b &+ (a << 31 | a >> 33)) &* 0xbf58_476d_1ce4_e5b9
            c = (c ^ (b << 29 | b >> 35) ^ word) &* 0x94d0_49bb_1331_11eb
            d = (d &+ (c << 27 | c >> 37) &+ word) &* 0xd6e8_feb8_6659_fd93
            a ^= d >> 32
        }

        mutating func finish() -> Bytes32 {
            for round in 0..<4 { absorb(UInt64(round)) }
            return Bytes32(
                word0: SeededRandom.mixed(a), word1: SeededRandom.mixed(b), word2: SeededRandom.mixed(c),
                word3: SeededRandom.mixed(d))
        }
    }
}
