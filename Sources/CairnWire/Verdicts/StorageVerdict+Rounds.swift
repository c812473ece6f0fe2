import CairnBase

/// Whether the numbers of a verdict fit one another: what whoever has no receipts can look at.
extension StorageVerdict {
    /// Whether some receipts could give this.
    ///
    /// A fault needs as many bad walks as make three others ask again, and a walk that is called bad gives its reason. What
    /// those three saw is not among the walks: whether they found a fault or not is the receipts' to say.
    public var isPossible: Bool {
        let isContained = reasons.contains(.contained)
        guard isExplained else { return false }
        switch RoundTally.outcome(heard) {
        case .passed: return passed && !isContained
        case .contained, .failed: return !passed && units == 0 && !reasons.isEmpty
        case .void: return !passed && units == 0 && isContained
        }
    }

    /// What the witnesses saw that left a receipt.
    private var heard: [WalkResult] {
        walks.compactMap { walk in
            switch walk.result {
            case .good: .good
            case .lateOrSilent: .lateOrSilent
            case .badLeafOrPath: .badLeaf
            case .checkUnanswered: .fullCheckUnanswered
            case .checkWrong: .fullCheckWrong
            case .noReceipt: nil
            }
        }
    }

    /// Whether a reason stands there for every walk that was bad; what passed needs none.
    private var isExplained: Bool {
        passed
            || walks.allSatisfy { walk in
                switch walk.result {
                case .good, .noReceipt: true
                case .lateOrSilent: reasons.contains(.deadline)
                case .badLeafOrPath: reasons.contains(.badLeaf) || reasons.contains(.badPath)
                case .checkUnanswered: reasons.contains(.refusedCheck)
                case .checkWrong: reasons.contains(.badUnit)
                }
            }
    }
}
