import CairnConsensus
import CairnCrypto
import CairnWire

/// How a validator that is tested contradicts itself, for others to catch it: beside every block that it votes for it votes
/// for the newest final one, which is not of that view.
///
/// Its own core knows nothing of the second vote, and nothing is persisted: a real validator signs in one place only.
extension ChainShell {
    func contradict(_ message: ConsensusMessage) {
        guard let keys = configuration.keys, case .votes(let votes) = message.body, let other = status.recent.last
        else { return }
        let second = votes.filter { $0.statement.kind == .notarize && $0.statement.block != other.digest }.map { vote in
            let statement = VoteStatement(
                epoch: vote.statement.epoch, view: vote.statement.view, kind: .notarize, block: other.digest)
            return Vote(
                statement: statement, voter: vote.voter,
                signature: keys.identity.key.sign(statement.signedBytes(chain: chain)))
        }
        guard !second.isEmpty else { return }
        scatter(ConsensusMessage(position: message.position, body: .votes(second)))
    }
}
