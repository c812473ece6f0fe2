/// When voting weight is enough, in exact integers of any size.
///
/// A quorum is more than two thirds: any two quorums share more than a third of the weight, hence an honest member.
/// A third is what the adversary cannot reach alone: at least one honest member stands behind it. Both are computed
/// by full-width products, so no committee, however heavy, overflows, and they speak of weight, never of heads.
package enum Quorum {
    /// 3 w > 2 W.
    @inlinable
    package static func isReached(_ weight: UInt64, of total: UInt64) -> Bool {
        product(weight, 3) > product(total, 2)
    }

    /// 3 w ≥ W.
    @inlinable
    package static func isThird(_ weight: UInt64, of total: UInt64) -> Bool {
        product(weight, 3) >= product(total, 1)
    }

    @inlinable
    static func product(_ weight: UInt64, _ factor: UInt64) -> (UInt64, UInt64) {
        let wide = weight.multipliedFullWidth(by: factor)
        return (wide.high, wide.low)
    }
}
