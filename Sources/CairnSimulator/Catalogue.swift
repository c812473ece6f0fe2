public import CairnBase

/// The protocols that can be run by name.
public struct Catalogue: Sendable {
    /// One protocol with its type erased: whole runs go through it, never single events.
    public struct Entry: Sendable {
        public let name: String
        public let plantedBugs: [String]
        public let serverRange: ClosedRange<Int>
        public let sometimes: (notes: [String], within: UInt64)
        public let run: @Sendable (RunRequest) -> Report
    }

    public static let entries: [Entry] = [
        entry(RegisterProtocol.self),
        entry(SpinProtocol.self),
        entry(ConsensusProtocol.self),
        entry(StreamsProtocol.self),
        entry(MembershipProtocol.self),
        entry(PubSubProtocol.self),
        entry(DialBackProtocol.self),
        entry(NodeProtocol.self),
    ]

    public static func entry(named name: String) -> Entry? {
        entries.first { $0.name == name }
    }

    public static func entry<Model: SimulatedProtocol>(_: Model.Type) -> Entry {
        Entry(
            name: Model.name, plantedBugs: Model.plantedBugs, serverRange: Model.profile.servers,
            sometimes: Model.sometimes
        ) { request in
            var options = SwarmOptions.draw(seed: request.seed, profile: Model.profile, servers: request.servers)
            if let safety = request.safety { options.safety = safety }
            var simulation = Simulation(
                Model.self, seed: request.seed, options: options, plantedBug: request.plantedBug,
                selection: request.selection, recordsFaults: request.recordsFaults, logsLast: request.logsLast)
            return simulation.run()
        }
    }
}

/// What to run: everything that decides a run, and what to keep of it.
public struct RunRequest: Sendable {
    public var seed: UInt64
    /// In place of the drawn number of servers.
    public var servers: Int?
    /// In place of the profile's safety phase.
    public var safety: TimeSpan?
    public var plantedBug: String?
    public var selection = FaultSelection.all
    public var recordsFaults = false
    public var logsLast = 0

    public init(seed: UInt64) {
        self.seed = seed
    }
}
