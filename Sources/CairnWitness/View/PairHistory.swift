import CairnBase

/// What one witness reported of one beaconer, the last 32 times: rows that a liar would have to invent well.
///
/// Real paths waver from beacon to beacon, and get weaker by 3 dB with each step of the secret power.
public struct PairHistory: Sendable, Hashable {
    public struct Row: Sendable, Hashable {
        /// In tenths of a decibel above a milliwatt.
        public let strength: Int16
        public let step: UInt8

        public init(strength: Int16, step: UInt8) {
            self.strength = strength
            self.step = step
        }
    }

    public static let rowsMax = 32
    private static let rowsForPerfection = 16

    /// Oldest first.
    public private(set) var rows: [Row] = []

    public init() {}

    public mutating func append(_ row: Row) {
        if rows.count == Self.rowsMax { rows.removeFirst() }
        rows.append(row)
    }

    /// The last 16 lie within 1 dB.
    public var isTooPerfect: Bool {
        guard rows.count >= Self.rowsForPerfection else { return false }
        let last = rows.suffix(Self.rowsForPerfection).map { Int32($0.strength) }
        guard let low = last.min(), let high = last.max() else { return false }
        return high - low <= 10
    }

    /// The slope of strength over step, by least squares over 32 rows, is not between −1.5 and −4.5 dB a step.
    public var ignoresPowerSteps: Bool {
        guard rows.count == Self.rowsMax else { return false }
        var (x, y, xy, xx): (Int64, Int64, Int64, Int64) = (0, 0, 0, 0)
        for row in rows {
            let (step, strength) = (Int64(row.step), Int64(row.strength))
            x += step
            y += strength
            xy += step * strength
            xx += step * step
        }
        let count = Int64(Self.rowsMax)
        let (covariance, variance) = (count * xy - x * y, count * xx - x * x)
        guard variance > 0 else { return false }
        return !(15 * variance <= -covariance && -covariance <= 45 * variance)
    }
}
