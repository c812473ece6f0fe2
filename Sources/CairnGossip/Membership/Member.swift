public import CairnBase
public import CairnWire

/// Another node, as far as this one knows it.
public struct Member: Sendable, Equatable {
    public enum State: String, Sendable, CaseIterable {
        /// Others say that it exists; nothing of its own was heard yet.
        case known
        case alive
        /// Our own probes got no answer; it has until the end of its suspicion to give one.
        case suspect
        /// Neither we nor anybody we asked has heard from it; it is asked again now and then.
        case dead
    }

    public internal(set) var record: NodeRecord
    public internal(set) var state = State.known
    /// Where it answered from, or where its record or an introduction says it is.
    public internal(set) var endpoint: Endpoint
    public internal(set) var lastProof: Instant?
    public internal(set) var roundTrip: TimeSpan?

    /// When it was found silent, and by whom else, as the districts of those who say so first-hand.
    var suspectedSince: Instant?
    var accusers = OrderedSet<UInt64>()
    /// How often it was called dead and, in the same run of its process, was not; and when last.
    var relapses: UInt64 = 0
    var lastDeath = Instant.origin
    /// When it was last probed because of what others say.
    var lastHearsayProbe: Instant?
    /// First-hand suspicions it has voiced lately; who cries wolf too often is not listened to.
    var voiced: (until: Instant, count: Int) = (.origin, 0)

    /// How many nodes that we do not know it may still tell of; nil until it does.
    var allowance: Allowance?

    init(_ record: NodeRecord, at endpoint: Endpoint) {
        self.record = record
        self.endpoint = endpoint
    }

    public var node: NodeID { record.node }
    var sequence: UInt64 { record.content.sequence }
    var reference: MembershipMessage.Reference { .init(member: node.shortNumber, sequence: sequence) }

    /// Counts as there, for probing and for what is told to others.
    public var isPresent: Bool { state == .alive || state == .suspect }

    mutating func take(_ measured: TimeSpan) {
        roundTrip =
            roundTrip.map { TimeSpan(nanoseconds: $0.nanoseconds / 8 * 7 + measured.nanoseconds / 8) } ?? measured
    }

    public static func == (left: Member, right: Member) -> Bool {
        left.record == right.record && left.state == right.state && left.endpoint == right.endpoint
            && left.lastProof == right.lastProof
    }
}
