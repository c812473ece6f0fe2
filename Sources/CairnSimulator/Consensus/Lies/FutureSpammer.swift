import CairnBase
import CairnConsensus

/// Votes for blocks that do not exist in views that have not come.
struct FutureSpammer: Behaviour {
    mutating func speak(_ message: ConsensusMessage, to targets: [ProcessID], on liar: inout Liar) {
        liar.say(message, to: targets)
        var votes: [Vote] = []
        for _ in 0..<8 {
            let view = liar.position.view.advanced(
                by: liar.random.below(4) == 0 ? liar.random.next() : liar.random.below(40))
            let block = liar.process.world.hash.digest(
                DomainTag("sim/spam"), [UInt8(truncatingIfNeeded: liar.random.next())])
            for kind in VoteKind.allCases {
                if let vote = liar.vote(kind, view, block) { votes.append(vote) }
            }
        }
        liar.say(.votes(Array(votes.prefix(ConsensusLimits.votesPerMessage))), to: liar.some(targets))
    }
}
