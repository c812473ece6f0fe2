import CairnBase

extension SeededRandom {
    mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
    }

    mutating func bytes32() -> Bytes32 { Bytes32(bytes(Bytes32.count)) ?? .zero }

    /// A number of random width, so that small and huge ones are equally likely.
    mutating func number() -> UInt64 { next() >> below(64) }
}
