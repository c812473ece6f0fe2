import CairnBase
import CairnWire

extension StorageAudit {
    typealias Receipts = OrderedMap<UInt32, SignedWalkReceipt>

    /// What the receipts amount to, the same bytes for everyone who holds them.
    func verdict(by receipts: Receipts, using hash: some HashFunction) -> StorageVerdict? {
        let first = witnesses.map { receipts[$0.place]?.receipt.result }
        let second = again.compactMap { receipts[$0.place]?.receipt.result }
        let outcome = Self.outcome(first.compactMap(\.self), second)
        var reasons = Reasons()
        if outcome != .passed {
            for result in first.compactMap(\.self) + second { reasons.formUnion(result.reasons) }
            if outcome != .failed { reasons.insert(.contained) }
        }
        return StorageVerdict(
            height: height, provider: provider.place, partition: partition, kind: kind,
            passed: outcome == .passed, units: outcome == .passed ? units : 0, reasons: reasons,
            receipts: root(of: receipts, using: hash),
            walks: zip(witnesses, first).map { witness, result in
                StorageVerdict.Walk(witness: witness.place, result: result?.inVerdict ?? .noReceipt)
            })
    }

    /// Whether so far nothing is against those who would have to be asked again.
    func isContained(by receipts: Receipts) -> Bool {
        RoundTally.outcome(witnesses.compactMap { receipts[$0.place]?.receipt.result }) == .contained
    }

    /// Whether nobody can hold a receipt that is not among these.
    func isComplete(with receipts: Receipts) -> Bool {
        let wanted = isContained(by: receipts) ? witnesses + again : witnesses
        return wanted.allSatisfy { receipts.contains($0.place) }
    }

    private static func outcome(_ first: [WalkResult], _ second: [WalkResult]) -> RoundOutcome {
        let outcome = RoundTally.outcome(first)
        return outcome == .contained ? RoundTally.outcomeOfSecondAsking(second) : outcome
    }

    /// The Merkle root over the receipts, in the order in which their witnesses ask.
    func root(of receipts: Receipts, using hash: some HashFunction) -> Digest {
        let leaves = (witnesses + again).compactMap { receipts[$0.place] }.map {
            MerkleList.leaf($0.encoded.span.bytes, using: hash)
        }
        return MerkleList(leaves: leaves, using: hash).root
    }

    /// Whether a receipt is of one who was drawn and about what was asked; its signatures are looked at elsewhere.
    func fits(_ receipt: WalkReceipt) -> Bool {
        receipt.challenge == challenge && receipt.provider == provider.place && receipt.partition == partition
            && witness(at: receipt.witness) != nil && (kind == .sealedRound || receipt.result.isOfHotRound)
    }
}

extension WalkResult {
    /// Without a mask there is no full check.
    var isOfHotRound: Bool {
        switch self {
        case .good, .lateOrSilent, .badLeaf, .badPath: true
        case .fullCheckUnanswered, .fullCheckWrong: false
        }
    }

    var inVerdict: StorageVerdict.Result {
        switch self {
        case .good: .good
        case .lateOrSilent: .lateOrSilent
        case .badLeaf, .badPath: .badLeafOrPath
        case .fullCheckUnanswered: .checkUnanswered
        case .fullCheckWrong: .checkWrong
        }
    }

    var reasons: Reasons {
        switch self {
        case .good: Reasons()
        case .lateOrSilent: Reasons(.deadline)
        case .badLeaf: Reasons(.badLeaf)
        case .badPath: Reasons(.badPath)
        case .fullCheckUnanswered: Reasons(.refusedCheck)
        case .fullCheckWrong: Reasons(.badUnit)
        }
    }
}
