public import CairnBase

/// What each peer's behaviour has earned it, in thousandths of points.
///
/// The parts are those of gossipsub 1.1, by their numbers there: time in the mesh (1), first deliveries (2), invalid
/// messages (4), what the application thinks of the peer (5), crowding of a subnet (6) and misbehaviour (7). Part 3,
/// which counts what a mesh peer failed to deliver, is left out: it punishes those who are far from every source.
/// What is held of a peer outlives its connection for a while, so that reconnecting forgives nothing.
public struct PeerScore: Sendable {
    /// The parts of a peer's score, for people.
    public struct Parts: Sendable, Equatable {
        public var meshTime = 0
        public var firstDeliveries = 0
        public var invalid = 0
        public var application = 0
        public var crowding = 0
        public var misbehaviour = 0

        public var total: Int { meshTime + firstDeliveries + invalid + application + crowding + misbehaviour }
    }

    /// What the points are for, counted since the peer is remembered; nothing of it fades.
    public struct Deeds: Sendable, Equatable {
        public var delivered: UInt64 = 0
        public var rejected: UInt64 = 0
        public var forged: UInt64 = 0
        public var malformed: UInt64 = 0
        public var unreadable: UInt64 = 0
        public var brokenPromises: UInt64 = 0
        public var earlyGrafts: UInt64 = 0
    }

    /// What makes a message invalid.
    enum Fault { case rejected, forged, malformed }
    /// What a peer does against the rules beside its messages.
    enum Misdeed { case unreadable, brokenPromise, earlyGraft(isHasty: Bool) }

    private struct Record: Sendable {
        var meshTopics = 0
        /// Milliseconds; counts of events in millionths, so that a decay by a few per mille is not lost in rounding.
        var meshTime = 0
        var firstDeliveries = 0
        var invalid = 0
        var misbehaviour = 0
        var application = 0
        /// Of those that count as misbehaviour or invalid, the ones that no honest peer is ever the author of.
        var proven = 0
        /// It has said that it is of our network, in this connection or one that is remembered.
        var isOfOurs = false
        var deeds = Deeds()
        var subnet: UInt64?
        var leftAt: Instant?
    }

    private static let once = 1_000_000

    private var records = OrderedMap<NodeID, Record>()
    private var neighbours = OrderedMap<UInt64, Int>()
    private var offenders = OrderedSet<NodeID>()
    private let settings: ScoreSettings
    private let memory: TimeSpan
    private let capacity: Int

    init(_ settings: ScoreSettings, memory: TimeSpan, capacity: Int) {
        self.settings = settings
        self.memory = memory
        self.capacity = capacity
    }

    public var count: Int { records.count }

    mutating func join(_ peer: NodeID, from endpoint: Endpoint?) {
        if !records.contains(peer), records.count >= capacity { forgetOldest() }
        forget(subnetOf: peer)
        // A private or local address says nothing about who is behind it.
        let subnet = endpoint.flatMap { $0.address.isPrivate ? nil : $0.address.subnet }
        records[peer, default: Record()].subnet = subnet
        records[peer]?.leftAt = nil
        records[peer]?.meshTopics = 0
        if let subnet { neighbours[subnet, default: 0] += 1 }
    }

    mutating func introduce(_ peer: NodeID) { records.mutate(peer) { $0.isOfOurs = true } }

    mutating func leave(_ peer: NodeID, at now: Instant) {
        forget(subnetOf: peer)
        records[peer]?.leftAt = now
        records[peer]?.meshTopics = 0
        records[peer]?.meshTime = 0
        // Good deeds end with the connection; bad ones are remembered.
        records[peer]?.firstDeliveries = 0
    }

    mutating func graft(_ peer: NodeID) { records.mutate(peer) { $0.meshTopics += 1 } }
    mutating func prune(_ peer: NodeID) { records.mutate(peer) { $0.meshTopics = max($0.meshTopics - 1, 0) } }
    mutating func regard(_ peer: NodeID, _ points: Int) {
        records.mutate(peer) { $0.application = min(max(points, -settings.countCap), settings.countCap) }
    }

    mutating func delivered(_ peer: NodeID) {
        records.mutate(peer) {
            $0.firstDeliveries = min($0.firstDeliveries + Self.once, settings.countCap)
            $0.deeds.delivered &+= 1
        }
    }

    /// Points are lost for what others published too. It proves something only of who has checked it, as all of our network
    /// do, or is its author; any other libp2p node may pass on whatever it is told.
    mutating func sentInvalid(_ peer: NodeID, _ fault: Fault, isOwn: Bool = false) {
        records.mutate(peer) {
            $0.invalid = min($0.invalid + Self.once, settings.countCap)
            switch fault {
            case .rejected: $0.deeds.rejected &+= 1
            case .forged: $0.deeds.forged &+= 1
            case .malformed: $0.deeds.malformed &+= 1
            }
        }
        if isOwn || records[peer]?.isOfOurs == true { prove(peer) }
    }

    mutating func misbehaved(_ peer: NodeID, _ misdeed: Misdeed) {
        var times = 1
        records.mutate(peer) {
            switch misdeed {
            case .unreadable: $0.deeds.unreadable &+= 1
            case .brokenPromise: $0.deeds.brokenPromises &+= 1
            case .earlyGraft(let isHasty):
                $0.deeds.earlyGrafts &+= 1
                times = isHasty ? 2 : 1
            }
            $0.misbehaviour = min($0.misbehaviour + Self.once * times, settings.countCap)
        }
        if case .unreadable = misdeed { prove(peer) }
    }

    /// One of these may be an accident; several are none, and then it begins anew.
    private mutating func prove(_ peer: NodeID) {
        let bound = settings.provenOffences * Self.once
        let isOffender = records.mutate(peer) { record in
            record.proven += Self.once
            guard record.proven > bound - Self.once / 2 else { return false }
            record.proven = 0
            return true
        }
        if isOffender == true { offenders.insert(peer) }
    }

    /// Those who have done since the last time what no honest peer does so often.
    mutating func takeOffender() -> NodeID? { offenders.popFirst() }

    /// A heartbeat has passed.
    mutating func decay(after span: TimeSpan, at now: Instant) {
        let time = Int(clamping: span.milliseconds)
        let settings = settings
        var someLeft = false
        records.mutateAll { _, record in
            if record.leftAt != nil { someLeft = true }
            if record.meshTopics > 0 { record.meshTime = min(record.meshTime + time, settings.countCap) }
            record.firstDeliveries = Self.decayed(record.firstDeliveries, settings.firstDeliveryDecay)
            record.invalid = Self.decayed(record.invalid, settings.invalidDecay)
            record.proven = Self.decayed(record.proven, settings.invalidDecay)
            record.misbehaviour = Self.decayed(record.misbehaviour, settings.misbehaviourDecay)
        }
        guard someLeft else { return }
        let gone = records.filter { $0.value.leftAt.map { now.since($0) >= memory } ?? false }
        for (peer, _) in gone { forget(peer) }
    }

    private static func decayed(_ count: Int, _ share: Int) -> Int {
        let left = count * share / 1_000_000
        return left < once / 100 ? 0 : left
    }

    private mutating func forgetOldest() {
        let gone = records.filter { $0.value.leftAt != nil }
        let oldest = gone.min { ($0.value.leftAt ?? .origin, $0.key) < ($1.value.leftAt ?? .origin, $1.key) }
        if let oldest { forget(oldest.key) }
    }

    private mutating func forget(_ peer: NodeID) {
        forget(subnetOf: peer)
        records[peer] = nil
    }

    private mutating func forget(subnetOf peer: NodeID) {
        guard let subnet = records[peer]?.subnet else { return }
        let left = (neighbours[subnet] ?? 1) - 1
        neighbours[subnet] = left > 0 ? left : nil
        records[peer]?.subnet = nil
    }

    public func parts(of peer: NodeID) -> Parts {
        guard let record = records[peer] else { return Parts() }
        var parts = Parts()
        parts.meshTime = min(record.meshTime * settings.meshSecond / 1_000, settings.meshCap)
        parts.firstDeliveries = min(
            record.firstDeliveries * settings.firstDelivery / Self.once, settings.firstDeliveryCap)
        let invalid = record.invalid / 1_000
        parts.invalid = settings.invalid * invalid * invalid / 1_000
        parts.application = record.application
        let crowd = record.subnet.map { (neighbours[$0] ?? 0) - settings.neighboursAllowed } ?? 0
        if crowd > 0 { parts.crowding = settings.neighbour * crowd * crowd * 1_000 }
        let excess = record.misbehaviour / 1_000 - settings.misbehavioursAllowed * 1_000
        if excess > 0 { parts.misbehaviour = settings.misbehaviour * excess * excess / 1_000 }
        return parts
    }

    public func deeds(of peer: NodeID) -> Deeds { records[peer]?.deeds ?? Deeds() }

    /// Everybody of whom something is remembered, connected or not.
    public var remembered: [NodeID] { records.keys }

    public func value(of peer: NodeID) -> Int { parts(of: peer).total }
}
