import CairnConsensus

/// Says nothing at all: a third of the stake that is simply not there.
struct Silent: Behaviour {
    mutating func speak(_: ConsensusMessage, to _: [ProcessID], on _: inout Liar) {}
}
