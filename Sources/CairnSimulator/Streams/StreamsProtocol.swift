public import CairnBase
internal import CairnTransport

/// The TCP plane under test: real connections, sealed and multiplexed, over sockets that lose, delay and alter.
public struct StreamsProtocol: SimulatedProtocol {
    public static let name = "streams"
    public static let profile = SwarmProfile(
        servers: 3...8, safety: .seconds(20), livenessBound: .seconds(120),
        withstands: [.network, .partitions, .kills, .pauses, .clocks], latencyLimit: .milliseconds(200))
    public static let plantedBugs = StreamsBug.allCases.map(\.rawValue)

    let cluster: Cluster
    private let bug: StreamsBug?
    private let keys: SeededRandom
    private let nodes: [NodeID]
    let liars: OrderedMap<ProcessID, StreamsLiar.Lie>
    /// How often wires alter a byte; in half of the runs never.
    private let alteredPPM: UInt64

    public init(cluster: Cluster, plantedBug: String?, random: SeededRandom) {
        self.cluster = cluster
        bug = plantedBug.flatMap { StreamsBug(rawValue: $0) }
        keys = random.fork("keys")
        nodes = (0..<cluster.count).map { [keys] in
            StreamPlane.identity(of: ProcessID($0), key: keys, boot: keys).node
        }
        var draw = random.fork("liars")
        var liars: OrderedMap<ProcessID, StreamsLiar.Lie> = [:]
        for _ in 0..<draw.below(UInt64(max(1, cluster.servers - 1))) {
            // Two honest ones are left to talk to each other.
            let liar = ProcessID(Int(draw.below(UInt64(cluster.servers - 2))))
            liars[liar] = StreamsLiar.Lie.allCases.randomElement(using: &draw)
        }
        self.liars = liars
        var wires = random.fork("wires")
        alteredPPM = wires.flip() ? 0 : wires.whole(200...20_000)
    }

    public func boot(_ setup: ProcessSetup) -> StreamsProcess {
        let identity = StreamPlane.identity(of: setup.id, key: keys, boot: setup.random)
        if let lie = liars[setup.id] { return StreamsProcess(.liar(StreamsLiar(setup, lie, as: identity))) }
        let wire = AlteringWire(
            random: setup.random.fork("wire"), ppm: alteredPPM, handshakePPM: alteredPPM * 4,
            isHarmless: bug == .overlookAltered)
        return StreamsProcess(.peer(StreamsPeer(setup, as: identity, among: nodes, over: wire, bug: bug)))
    }

    public func makeJudge() -> StreamsJudge { StreamsJudge(liars: Set(liars.map(\.key))) }

    /// Every honest node; the liars lie on, or fall silent.
    public func chooseCore(from candidates: [ProcessID], using random: inout SeededRandom) -> [ProcessID]? {
        random.flip() ? candidates : candidates.filter { !liars.contains($0) }
    }
}

/// A rule that a run may break, to show that the judge notices.
public enum StreamsBug: String, CaseIterable, Sendable {
    /// Questions have no deadline.
    case noDeadline = "no-deadline"
    /// What was asked over a connection that ended is forgotten and not given up.
    case forgetQuestions = "forget-questions"
    /// A transfer repeats a byte.
    case wrongBytes = "wrong-bytes"
    /// A connection goes on although a byte of it was altered.
    case overlookAltered = "overlook-altered"
}

/// An honest node or a liar.
public struct StreamsProcess: SimulatedProcess {
    public typealias Message = StreamsMessage
    public typealias Observation = StreamsObservation

    enum Part: Sendable {
        case peer(StreamsPeer)
        case liar(StreamsLiar)
    }

    private var part: Part

    init(_ part: Part) { self.part = part }

    /// The honest node, if it is one.
    var peer: StreamsPeer? { if case .peer(let peer) = part { peer } else { nil } }

    public mutating func handle(_ event: Event, at now: ClockReading, into effects: inout [Effect]) {
        switch part {
        case .peer(var peer):
            peer.handle(event, at: now.monotonic, into: &effects)
            part = .peer(peer)
        case .liar(var liar):
            liar.handle(event, at: now.monotonic, into: &effects)
            part = .liar(liar)
        }
    }
}
