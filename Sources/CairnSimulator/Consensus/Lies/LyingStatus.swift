import CairnBase
import CairnConsensus

/// Claims to be somewhere else, far ahead or far behind, in every message and in signed answers.
struct LyingStatus: Behaviour {
    mutating func speak(_ message: ConsensusMessage, to targets: [ProcessID], on liar: inout Liar) {
        var body = message.body
        let claim = position(&liar)
        if case .status(let status) = body {
            let statement = StatusStatement(nonce: status.statement.nonce, position: claim)
            body = .status(
                Status(
                    statement: statement, member: status.member,
                    signature: liar.process.sign(statement.signedBytes(chain: liar.process.world.chain)),
                    entry: nil, votesOfAsker: []))
        }
        for target in targets { liar.say(ConsensusMessage(position: position(&liar), body: body), to: [target]) }
    }

    private func position(_ liar: inout Liar) -> ChainPosition {
        let here = liar.position
        switch liar.random.below(4) {
        case 0: return here
        case 1: return ChainPosition(epoch: here.epoch, view: View(liar.random.next()), floor: View(liar.random.next()))
        case 2: return ChainPosition(epoch: here.epoch, view: View(0), floor: View(0))
        default: return ChainPosition(epoch: Epoch(liar.random.below(8)), view: here.view, floor: here.floor)
        }
    }
}
