import CairnBase
import CairnConsensus

/// Tells one half that a view goes on and the other that it is given up.
struct VoteSplitter: Behaviour {
    mutating func speak(_ message: ConsensusMessage, to targets: [ProcessID], on liar: inout Liar) {
        guard case .votes(let votes) = message.body else {
            liar.say(message, to: targets)
            return
        }
        let (left, right) = liar.halves(targets)
        liar.say(message, to: left)
        let contrary = votes.prefix(4).compactMap { vote in
            vote.statement.kind == .nullify
                ? vote : liar.vote(.nullify, vote.statement.view, .zero)
        }
        liar.say(.votes(contrary), to: right)
    }
}
