import CairnBase
import CairnRadio
import CairnWitness

/// The air over a simulated town, as a process that nothing befalls: radios are where their nodes are, by number.
struct NodeAir: Sendable {
    typealias Effect = NodeProcess.Effect

    private var air: Air

    init(_ town: NodeTown) { air = Air(town.stations, seed: town.seed) }

    mutating func handle(_ event: NodeProcess.Event, at now: Instant, into effects: inout [Effect]) {
        switch event {
        case .message(let sender, .transmit(let frame)): tell(.send(frame, by: sender.index), at: now, into: &effects)
        case .timer(let frame): tell(.ended(frame: frame), at: now, into: &effects)
        case .started, .message, .disk: break
        }
    }

    private mutating func tell(_ input: Air.Input, at now: Instant, into effects: inout [Effect]) {
        var happened: [Air.Effect] = []
        air.handle(input, at: now, into: &happened)
        for effect in happened {
            switch effect {
            case .wake(let frame, let time): effects.append(.setTimer(frame, at: time))
            case .received(let reception, let number):
                effects.append(.observe(.received(reception, by: ProcessID(number))))
                effects.append(.send(to: ProcessID(number), .received(reception)))
            case .busy: break
            }
        }
    }
}
