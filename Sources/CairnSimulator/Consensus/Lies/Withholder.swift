import CairnBase
import CairnConsensus

/// Keeps certificates and blocks to itself: proposes to just enough, answers nobody, shows a certificate to one at a time.
struct Withholder: Behaviour {
    mutating func speak(_ message: ConsensusMessage, to targets: [ProcessID], on liar: inout Liar) {
        switch message.body {
        case .proposal(let proposal):
            let bare = Proposal(block: proposal.block, signature: proposal.signature, certificates: [])
            liar.say(.proposal(bare), to: Array(targets.prefix(targets.count * 2 / 3)))
        case .certificates:
            guard !targets.isEmpty else { return }
            liar.say(message, to: [targets[Int(liar.random.below(UInt64(targets.count)))]])
        case .votes: liar.say(message, to: liar.some(targets))
        case .certificateRequest, .statusRequest: liar.say(message, to: targets)
        case .status: return
        }
    }
}
