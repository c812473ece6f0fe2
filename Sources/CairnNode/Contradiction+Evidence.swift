public import CairnBase
public import CairnConsensus
public import CairnLedger

extension Contradiction {
    /// The ledger's form of what consensus has seen; nil where they differ about what an offence is.
    public init?(_ evidence: Evidence, of key: PublicKey) {
        let votes = [evidence.first, evidence.second].compactMap { vote in
            VoteKind(rawValue: vote.statement.kind.rawValue).map {
                Vote(kind: $0, block: vote.statement.block, signature: vote.signature)
            }
        }
        guard votes.count == 2 else { return nil }
        self.init(key: key, epoch: evidence.epoch, view: evidence.first.statement.view, votes[0], votes[1])
    }
}
