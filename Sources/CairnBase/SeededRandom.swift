/// The only source of chance inside a core: a seeded generator whose every draw is replayable.
///
/// It is SplitMix64 (Steele, Lea, Flood 2014). `fork` derives an independent stream from a label, so that one more
/// draw in one place, or one more node in the network, does not move the draws of the others.
@frozen
public struct SeededRandom: RandomNumberGenerator, Sendable, Hashable {
    @usableFromInline var state: UInt64

    @inlinable
    public init(seed: UInt64) {
        state = seed
    }

    @inlinable
    public mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        return Self.mix(state)
    }

    /// A stream for `label`, decided by this stream's current state and not advancing it.
    public func fork(_ label: StaticString, _ index: UInt64 = 0) -> SeededRandom {
        var seed = Self.mix(state ^ 0xd1b5_4a32_d192_ed03)
        for byte in String(describing: label).utf8 {
            seed = Self.mix(seed ^ UInt64(byte))
        }
        return SeededRandom(seed: Self.mix(seed ^ Self.mix(index &+ 0x2545_f491_4f6c_dd1d)))
    }

    /// A whole number below `bound`, without bias. A bound of zero gives zero.
    @inlinable
    public mutating func below(_ bound: UInt64) -> UInt64 {
        bound == 0 ? 0 : UInt64.random(in: 0..<bound, using: &self)
    }

    /// True with the given probability in parts per million.
    @inlinable
    public mutating func chance(ppm: UInt64) -> Bool {
        below(1_000_000) < ppm
    }

    @inlinable
    static func mix(_ value: UInt64) -> UInt64 {
        var mixed = value
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
