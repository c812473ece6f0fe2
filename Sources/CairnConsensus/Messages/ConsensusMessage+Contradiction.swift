public import CairnBase

extension ConsensusMessage {
    /// What a validator that is made to contradict itself says beside this: votes in the same views for another block, one that
    /// is not of them. Nil where it has no vote to contradict.
    ///
    /// Only tests, simulations and test networks say it, so that others can be seen to catch it.
    public func contradiction(for block: Digest, signing sign: (VoteStatement) -> Signature) -> ConsensusMessage? {
        guard case .votes(let votes) = body else { return nil }
        let second = votes.filter { $0.statement.kind == .notarize && $0.statement.block != block }.map { vote in
            let statement = VoteStatement(
                epoch: vote.statement.epoch, view: vote.statement.view, kind: .notarize, block: block)
            return Vote(statement: statement, voter: vote.voter, signature: sign(statement))
        }
        return second.isEmpty ? nil : ConsensusMessage(position: position, body: .votes(second))
    }
}
