import CairnBase
import CairnConsensus

/// When each server entered each view and held each certificate, in true time.
struct LatencyRecorder: Checker {
    struct View: Sendable {
        var entered: [Instant?]
        var notarized: [Instant?]
        var finalized: [Instant?]

        init(servers: Int) {
            entered = [Instant?](repeating: nil, count: servers)
            notarized = entered
            finalized = entered
        }
    }

    private let servers: Int
    private(set) var views = OrderedMap<CairnBase.View, View>()

    init(servers: Int) {
        self.servers = servers
    }

    /// The highest view that anyone has reached.
    var highest: UInt64 { views.last?.key.number ?? 0 }

    mutating func observe(_ step: Step<ConsensusProcess>, hosts _: [Host<ConsensusProcess>]) -> Violation? {
        // Computing moves the moment on in which what follows it happens.
        var time = step.now
        for effect in step.effects {
            switch effect {
            case .compute(let span): time = time + span
            case .observe(.position(let position)): note(\.entered, position.view, step.process, time)
            case .observe(.archived(let certificate)) where certificate.kind == .notarize:
                note(\.notarized, certificate.view, step.process, time)
            case .observe(.archived(let certificate)) where certificate.kind == .finalize:
                note(\.finalized, certificate.view, step.process, time)
            default: break
            }
        }
        return nil
    }

    /// Only the first time counts.
    private mutating func note(
        _ what: WritableKeyPath<View, [Instant?]>, _ view: CairnBase.View, _ process: ProcessID, _ time: Instant
    ) {
        guard views[view]?[keyPath: what][process.index] == nil else { return }
        views[view, default: View(servers: servers)][keyPath: what][process.index] = time
    }

    func hasConverged(_: [Host<ConsensusProcess>]) -> Bool { true }
    mutating func healed(core _: [ProcessID], at _: Instant) {}
}
