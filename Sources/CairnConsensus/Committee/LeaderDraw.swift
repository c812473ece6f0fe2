public import CairnBase
import CairnWire

/// Who leads a view: a draw by weight from the epoch's seed that anyone can repeat.
///
/// It keeps no state, so evidence and light clients can check it for one view alone. A number is taken from
/// H(seed, view, counter) and refused when it falls in the incomplete last run of the total weight, so that no member
/// is favoured by a remainder.
extension Committee {
    public func leader(of view: View, seed: Digest, using hash: some HashFunction) -> MemberIndex {
        let incomplete = (UInt64.max % totalWeight + 1) % totalWeight
        let lastFair = UInt64.max - incomplete
        var number: UInt64 = 0
        for counter in 0..<Self.draws {
            var writer = ByteWriter(capacity: 44)
            writer.identifier(seed)
            writer.ordinal(view)
            writer.u32(counter)
            number = hash.digest(DomainTag("cn/leader"), writer.bytes).raw.low64
            if number <= lastFair { break }
        }
        return holder(of: number % totalWeight)
    }

    /// Each draw is refused with probability below one half; after so many, the last number stands as it is.
    private static var draws: UInt32 { 128 }

    /// The member in whose run of the summed weights `point` lies.
    private func holder(of point: UInt64) -> MemberIndex {
        var low = 0
        var high = cumulative.count - 1
        while low < high {
            let middle = (low + high) / 2
            if cumulative[middle] <= point { low = middle + 1 } else { high = middle }
        }
        return MemberIndex(UInt16(low))
    }
}
