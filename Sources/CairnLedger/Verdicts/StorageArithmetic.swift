import CairnBase
import CairnWire

/// What must be true of a storage verdict without looking at a receipt.
public struct StorageArithmetic {
    let rules: ProfileRules

    public init(rules: ProfileRules) {
        self.rules = rules
    }

    /// A round passes with enough good walks, or with one fewer and at most one bad; it is held against the provider, or
    /// called doubtful, only where its own walks say so and each bad one has its reason.
    func holds(for verdict: StorageVerdict, in frozen: any FrozenSet) throws(StateError) -> Bool {
        guard verdict.kind == rules.challenge, let provider = try frozen.resource(at: verdict.provider),
            let capacity = provider.offer.capacity, verdict.isPossible
        else { return false }
        guard verdict.passed else { return true }
        let good = UInt64(verdict.walks.count { $0.result == .good })
        return good + 1 >= rules["goodWalks"] && verdict.units <= capacity
    }
}
