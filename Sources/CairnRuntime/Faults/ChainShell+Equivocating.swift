import CairnConsensus
import CairnCrypto
import CairnWire

/// How a validator that is tested contradicts itself, for others to catch it: beside every block that it votes for it votes
/// for the newest final one, which is not of that view.
///
/// Its own core knows nothing of the second vote, and nothing is persisted: a real validator signs in one place only.
extension ChainShell {
    func contradict(_ message: ConsensusMessage) {
        guard let keys = configuration.keys, let other = status.recent.last else { return }
        let second = message.contradiction(for: other.digest) { keys.identity.key.sign($0.signedBytes(chain: chain)) }
        if let second { scatter(second) }
    }
}
