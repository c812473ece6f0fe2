import CairnBase
import CairnConsensus

/// Proposes two blocks in a view, one to each half, and votes for every block it hears of.
struct Equivocator: Behaviour {
    /// Every block of a recent view, to be voted for on both sides.
    private var seen: [(view: View, block: Digest)] = []

    mutating func speak(_ message: ConsensusMessage, to targets: [ProcessID], on liar: inout Liar) {
        switch message.body {
        case .proposal(let proposal):
            guard let other = liar.variant(of: proposal) else { return }
            let (left, right) = liar.halves(targets)
            liar.say(message, to: left)
            liar.say(.proposal(other), to: right)
            remember(proposal, liar)
            remember(other, liar)
        case .votes(let votes):
            liar.say(message, to: targets)
            for vote in votes where vote.statement.kind == .finalize {
                voteForEverything(in: vote.statement.view, targets, &liar)
            }
        default: liar.say(message, to: targets)
        }
    }

    mutating func overhear(_ message: ConsensusMessage, on liar: inout Liar) {
        guard case .proposal(let proposal) = message.body else { return }
        remember(proposal, liar)
        voteForEverything(in: proposal.header.view, liar.process.committee, &liar)
    }

    private mutating func remember(_ proposal: Proposal, _ liar: Liar) {
        seen.append((proposal.header.view, proposal.header.digest(using: liar.process.world.hash)))
        if seen.count > 32 { seen.removeFirst() }
    }

    private func voteForEverything(in view: View, _ targets: [ProcessID], _ liar: inout Liar) {
        let (left, right) = liar.halves(targets)
        for (place, entry) in seen.filter({ $0.view == view }).enumerated() {
            let side = place.isMultiple(of: 2) ? left : right
            let votes = [VoteKind.notarize, .finalize].compactMap { liar.vote($0, view, entry.block) }
            liar.say(.votes(votes), to: side)
        }
        if let nullify = liar.vote(.nullify, view, .zero) { liar.say(.votes([nullify]), to: liar.some(targets)) }
    }
}
