import CairnBase
import CairnConsensus

/// Proposes blocks that look right and are not: another next committee or state, a randomness of its own choice, a payload where
/// there must be none, a parent it prefers, or a body that does not validate.
struct HeaderForger: Behaviour {
    mutating func speak(_ message: ConsensusMessage, to targets: [ProcessID], on liar: inout Liar) {
        guard case .proposal(let proposal) = message.body, liar.random.below(3) > 0,
            let forged = forge(proposal, &liar)
        else {
            liar.say(message, to: targets)
            return
        }
        liar.say(.proposal(forged), to: targets)
    }

    private func forge(_ proposal: Proposal, _ liar: inout Liar) -> Proposal? {
        let header = proposal.header
        var nextCommittee = header.nextCommittee
        var startState = header.startState
        var parent = header.parent
        var parentView = header.parentView
        var randomness = header.randomness
        var payload = proposal.block.payload
        switch liar.random.below(6) {
        case 0: nextCommittee = header.parent
        case 1: randomness = liar.randomness(at: header.height, from: header.parent)
        case 2: payload = Payload(bytes: [1, 2, 3])
        case 3: startState = header.payload.digest
        case 4:
            parent = liar.process.world.firstPlan.anchor.block
            parentView = View(0)
        default: payload = Payload(bytes: [0xff])
        }
        let forged = Header(
            chain: header.chain, epoch: header.epoch, view: header.view, height: header.height, parent: parent,
            parentView: parentView, payload: payload.reference(using: liar.process.world.hash), time: header.time,
            leader: header.leader, nextCommittee: nextCommittee, startState: startState,
            randomness: randomness)
        return liar.propose(Block(header: forged, payload: payload), certificates: proposal.certificates)
    }
}
