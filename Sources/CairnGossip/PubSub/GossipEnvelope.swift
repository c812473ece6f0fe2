public import CairnBase
public import CairnWire

/// One remote procedure call of libp2p's pub/sub: subscriptions, messages, and control.
///
/// Lists are cut at their limits while they are read, and what was cut is counted, so an envelope never holds more than
/// in proportion to its bytes. A message in it that breaks a rule is left out and counted, and so is what names a topic longer
/// than ours may be, for other networks' topics are no offence; only bytes that are no protobuf at all make the whole of it
/// unreadable.
public struct GossipEnvelope: Sendable, Equatable {
    public struct Subscription: Sendable, Equatable {
        public let topic: Topic
        public let isOn: Bool

        public init(topic: Topic, isOn: Bool) {
            self.topic = topic
            self.isOn = isOn
        }
    }

    public struct Announcement: Sendable, Equatable {
        public let topic: Topic
        public var ids: [MessageID]

        public init(topic: Topic, ids: [MessageID]) {
            self.topic = topic
            self.ids = ids
        }
    }

    public struct Prune: Sendable, Equatable {
        public let topic: Topic
        /// For how long the sender will take no graft; zero where it did not say.
        public let backoff: TimeSpan

        public init(topic: Topic, backoff: TimeSpan) {
            self.topic = topic
            self.backoff = backoff
        }
    }

    public var subscriptions: [Subscription] = []
    public var messages: [GossipMessage] = []
    /// IHAVE.
    public var announced: [Announcement] = []
    /// IWANT.
    public var wanted: [MessageID] = []
    /// GRAFT.
    public var grafts: [Topic] = []
    public var prunes: [Prune] = []
    /// IDONTWANT.
    public var unwanted: [MessageID] = []
    /// Messages that were left out, and entries of lists that were cut off.
    public private(set) var refusedMessages = 0
    public private(set) var excess = 0
    /// Peers that were offered with prunes. They are not used: members find one another by their records.
    public private(set) var offeredPeers = 0

    public init() {}

    public var isEmpty: Bool {
        subscriptions.isEmpty && messages.isEmpty && announced.isEmpty && wanted.isEmpty && grafts.isEmpty
            && prunes.isEmpty && unwanted.isEmpty
    }
}

// MARK: - Reading

extension GossipEnvelope {
    private static let messageCount = 500
    private static let subscriptionLimit = 256

    public init(_ bytes: RawSpan, limits: Limits.Gossip, using hash: ContentHash) throws(DecodeError) {
        var reader = ProtobufReader(bytes, fieldLimit: bytes.byteCount)
        while let field = try reader.next() {
            switch field.number {
            case 1: try readSubscription(field, limits)
            case 2: try readMessage(field, limits, hash)
            case 3: try readControl(field.message(limit: .max, fieldLimit: bytes.byteCount), limits)
            default: continue
            }
        }
    }

    private mutating func readSubscription(_ field: ProtobufField, _ limits: Limits.Gossip) throws(DecodeError) {
        guard subscriptions.count < limits.topicsPerPeer else { return excess += 1 }
        guard try field.span(limit: .max).byteCount <= Self.subscriptionLimit else { return excess += 1 }
        var reader = try field.message(limit: Self.subscriptionLimit, fieldLimit: Self.subscriptionLimit)
        var isOn = false
        var topic: Topic?
        while let field = try reader.next() {
            switch field.number {
            case 1: isOn = try field.bool()
            case 2: topic = try readName(field)
            default: continue
            }
        }
        if let topic { subscriptions.append(Subscription(topic: topic, isOn: isOn)) }
    }

    private mutating func readMessage(
        _ field: ProtobufField, _ limits: Limits.Gossip, _ hash: ContentHash
    ) throws(DecodeError) {
        let bytes = try field.span(limit: .max)
        guard messages.count < Self.messageCount else { return excess += 1 }
        guard let message = try? GossipMessage(bytes, limit: limits.message, using: hash) else {
            return refusedMessages += 1
        }
        messages.append(message)
    }

    private mutating func readControl(
        _ message: consuming ProtobufReader, _ limits: Limits.Gossip
    ) throws(DecodeError) {
        var reader = message
        while let field = try reader.next() {
            switch field.number {
            case 1: try readAnnouncement(field, limits)
            case 2: excess += try Self.readIDs(field, at: 1, into: &wanted, limit: limits.announcedPerMessage)
            case 3:
                guard let topic = try readTopic(field) else { continue }
                if grafts.count < limits.topicsPerPeer { grafts.append(topic) } else { excess += 1 }
            case 4: try readPrune(field, limits)
            case 5: excess += try Self.readIDs(field, at: 1, into: &unwanted, limit: limits.refusalsPerMessage)
            default: continue
            }
        }
    }

    private mutating func readAnnouncement(_ field: ProtobufField, _ limits: Limits.Gossip) throws(DecodeError) {
        guard let topic = try readTopic(field) else { return }
        guard announced.count < limits.topicsPerPeer else { return excess += 1 }
        let held = announced.reduce(0) { $0 + $1.ids.count }
        var ids: [MessageID] = []
        excess += try Self.readIDs(field, at: 2, into: &ids, limit: limits.announcedPerMessage - held)
        announced.append(Announcement(topic: topic, ids: ids))
    }

    /// The topic in field 1 of a control message.
    private mutating func readTopic(_ field: ProtobufField) throws(DecodeError) -> Topic? {
        var reader = try field.message(limit: .max, fieldLimit: .max)
        while let inner = try reader.next() {
            if inner.number == 1 { return try readName(inner) }
        }
        return nil
    }

    /// Nil, and counted, where the name is longer than a topic's may be or no text: no topic of ours.
    private mutating func readName(_ field: ProtobufField) throws(DecodeError) -> Topic? {
        guard try field.span(limit: .max).byteCount <= Topic.longest,
            let name = try? field.string(limit: Topic.longest)
        else {
            excess += 1
            return nil
        }
        return Topic(name)
    }

    /// Reads ids up to a limit; how many were no ids or beyond it.
    private static func readIDs(
        _ field: ProtobufField, at number: UInt32, into ids: inout [MessageID], limit: Int
    ) throws(DecodeError) -> Int {
        var excess = 0
        var reader = try field.message(limit: .max, fieldLimit: .max)
        while let inner = try reader.next() {
            guard inner.number == number else { continue }
            guard ids.count < limit, let id = MessageID(try inner.span(limit: .max)) else {
                excess += 1
                continue
            }
            ids.append(id)
        }
        return excess
    }

    private mutating func readPrune(_ field: ProtobufField, _ limits: Limits.Gossip) throws(DecodeError) {
        var reader = try field.message(limit: .max, fieldLimit: .max)
        var topic: Topic?
        var backoff: UInt64 = 0
        while let inner = try reader.next() {
            switch inner.number {
            case 1: topic = try readName(inner)
            case 2: offeredPeers += 1
            case 3: backoff = try inner.varint()
            default: continue
            }
        }
        guard let topic else { return }
        guard prunes.count < limits.topicsPerPeer else { return excess += 1 }
        prunes.append(Prune(topic: topic, backoff: min(.seconds(backoff), limits.longestBackoff)))
    }
}
