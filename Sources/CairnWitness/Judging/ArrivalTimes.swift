import CairnBase

/// Where several radios stamp a beacon to the nanosecond, the differences between them must fit their distances.
///
/// The sender's time is unknown, so two receipts that contradict each other do not show who is wrong. One that
/// contradicts more than half of the others does, from three on.
public enum ArrivalTimes {
    public struct Stamp: Sendable {
        public let nanoseconds: UInt32
        /// To the sender.
        public let metres: UInt64

        public init(nanoseconds: UInt32, metres: UInt64) {
            self.nanoseconds = nanoseconds
            self.metres = metres
        }
    }

    private static let tolerance: Int64 = 300
    private static let metresPerSecond: Int64 = 299_792_458
    private static let second: Int64 = 1_000_000_000

    /// For each stamp whether it contradicts most of the others.
    public static func contradicted(_ stamps: [Stamp]) -> [Bool] {
        guard stamps.count >= 3 else { return stamps.map { _ in false } }
        return stamps.indices.map { index in
            let against = stamps.indices.filter { $0 != index && !agree(stamps[index], stamps[$0]) }
            return 2 * against.count > stamps.count - 1
        }
    }

    private static func agree(_ one: Stamp, _ other: Stamp) -> Bool {
        var difference = (Int64(one.nanoseconds) - Int64(other.nanoseconds)) % second
        if difference > second / 2 { difference -= second }
        if difference < -second / 2 { difference += second }
        // Below half a second times the speed of light: 1.5 × 10^17.
        let byTime = difference * metresPerSecond / second
        return (byTime - (Int64(clamping: one.metres) - Int64(clamping: other.metres))).magnitude
            <= UInt64(tolerance)
    }
}
