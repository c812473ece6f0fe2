import CairnBase

/// One run for every place at which a server can die: before and after every write, sync and send, and at the moment
/// of every disk answer.
public enum CrashSweep {
    public struct Result: Sendable {
        /// How many places there were.
        public let boundaries: Int
        /// The crashes after which something was wrong.
        public let failures: [(crash: Fault, violation: Violation)]
    }

    /// - Parameter kind: `.killAtBoundary` or `.powerLossAtBoundary`.
    public static func run<Model: SimulatedProtocol>(
        _: Model.Type, seed: UInt64, options: SwarmOptions, plantedBug: String? = nil, kind: FaultKind
    ) -> Result {
        func report(_ selection: FaultSelection) -> Report {
            var simulation = Simulation(
                Model.self, seed: seed, options: options, plantedBug: plantedBug, selection: selection)
            return simulation.run()
        }
        var boundaries = 0
        var failures: [(crash: Fault, violation: Violation)] = []
        for (server, count) in report(.none).boundaries.enumerated() {
            for number in 0..<count {
                let crash = Fault(kind, process: ProcessID(server), number: number)
                boundaries += 1
                if let violation = report(.only([crash])).violation { failures.append((crash, violation)) }
            }
        }
        return Result(boundaries: boundaries, failures: failures)
    }
}
