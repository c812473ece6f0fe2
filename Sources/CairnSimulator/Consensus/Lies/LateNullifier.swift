import CairnBase
import CairnConsensus

/// Gives up a view only when others are about to finalize it, and then tells some of them.
struct LateNullifier: Behaviour {
    mutating func speak(_ message: ConsensusMessage, to targets: [ProcessID], on liar: inout Liar) {
        guard case .votes(let votes) = message.body else {
            liar.say(message, to: targets)
            return
        }
        let kept = votes.filter { $0.statement.kind != .nullify }
        if !kept.isEmpty { liar.say(.votes(kept), to: targets) }
    }

    mutating func overhear(_ message: ConsensusMessage, on liar: inout Liar) {
        guard case .votes(let votes) = message.body else { return }
        for vote in votes where vote.statement.kind == .finalize && vote.statement.epoch == liar.position.epoch {
            guard let late = liar.vote(.nullify, vote.statement.view, .zero) else { return }
            liar.say(.votes([late]), to: liar.some(liar.process.committee))
        }
    }
}
