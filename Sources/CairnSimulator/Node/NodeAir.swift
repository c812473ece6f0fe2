import CairnBase
import CairnRadio
import CairnWitness

/// The air over a simulated town, as a process that nothing befalls: radios are where their nodes are, by number.
struct NodeAir: Sendable {
    typealias Effect = NodeProcess.Effect

    private var air: Air
    private let stations: [Station]

    init(_ town: NodeTown) {
        air = Air(town.stations, seed: town.seed)
        stations = town.stations
    }

    mutating func handle(_ event: NodeProcess.Event, at now: Instant, into effects: inout [Effect]) {
        switch event {
        case .message(let sender, .transmit(let frame)):
            guard stations[sender.index].behaviour != .mute else {
                return effects.append(.note("coverage.muted", 1))
            }
            tell(.send(frame, by: sender.index), at: now, into: &effects)
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
                var reported = reception
                if case .rewriting(let strength) = stations[number].behaviour {
                    reported.strength = strength
                    effects.append(.note("coverage.rewritten", 1))
                }
                effects.append(.observe(.received(reported, by: ProcessID(number))))
                effects.append(.send(to: ProcessID(number), .received(reported)))
            case .busy: break
            }
        }
    }
}
