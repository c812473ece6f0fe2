import CairnBase
import CairnConsensus

/// Repeats what anybody said long ago.
struct StaleReplayer: Behaviour {
    private var heard: [ConsensusMessage] = []

    mutating func speak(_ message: ConsensusMessage, to targets: [ProcessID], on liar: inout Liar) {
        liar.say(message, to: targets)
        guard !heard.isEmpty else { return }
        for target in liar.some(targets) {
            liar.say(heard[Int(liar.random.below(UInt64(heard.count)))], to: [target])
        }
    }

    mutating func overhear(_ message: ConsensusMessage, on liar: inout Liar) {
        if heard.count < 256 {
            heard.append(message)
        } else if liar.random.below(8) == 0 {
            heard[Int(liar.random.below(256))] = message
        }
    }
}
