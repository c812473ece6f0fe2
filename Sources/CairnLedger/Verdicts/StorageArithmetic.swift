import CairnBase
import CairnWire

/// What must be true of a storage verdict without looking at a receipt.
public struct StorageArithmetic {
    let rules: ProfileRules

    public init(rules: ProfileRules) {
        self.rules = rules
    }

    /// A round passes with enough good walks, or with one fewer and at most one bad; what did not pass proves nothing.
    func holds(for verdict: StorageVerdict, in frozen: any FrozenSet) throws(StateError) -> Bool {
        guard verdict.kind == rules.challenge, let provider = try frozen.resource(at: verdict.provider),
            let capacity = provider.offer.capacity
        else { return false }
        guard verdict.passed else { return verdict.units == 0 && verdict.reasons != [] }
        let good = UInt64(verdict.walks.count { $0.result == .good })
        let bad = verdict.walks.count { $0.result != .good && $0.result != .noReceipt }
        let needed = rules["goodWalks"]
        guard good >= needed || (good + 1 == needed && bad <= 1) else { return false }
        return verdict.units <= capacity && !verdict.reasons.contains(.contained)
    }
}
