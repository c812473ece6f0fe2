public import CairnBase
public import CairnWire

/// One who takes part in an audit, as the frozen set of the epoch has it.
public struct AuditParty: Sendable, Hashable {
    public let place: UInt32
    public let id: ResourceID
    public let device: PublicKey
    public let randomness: VRFPublicKey
    /// Where it says that it is.
    public let position: Position

    public init(
        place: UInt32, id: ResourceID, device: PublicKey, randomness: VRFPublicKey, position: Position
    ) {
        self.place = place
        self.id = id
        self.device = device
        self.randomness = randomness
        self.position = position
    }
}

/// What a provider has to show in a round, and to whom: everything that a verdict on it may depend on, apart from the
/// receipts.
public struct StorageAudit: Sendable, Hashable {
    /// A shard of a prepaid object.
    public struct Shard: Sendable, Hashable {
        /// The object's root: that of the list of its pieces.
        public let root: Digest
        public let number: UInt8
        /// How many the object has.
        public let count: UInt8
        /// MiB.
        public let units: UInt8

        public init(root: Digest, number: UInt8, count: UInt8, units: UInt8) {
            self.root = root
            self.number = number
            self.count = count
            self.units = units
        }
    }

    /// A sealed partition.
    public struct Partition: Sendable, Hashable {
        /// The node that has it.
        public let node: NodeID
        /// MiB.
        public let units: UInt32
        public let packed: Digest
        public let manifest: Digest

        public init(node: NodeID, units: UInt32, packed: Digest, manifest: Digest) {
            self.node = node
            self.units = units
            self.packed = packed
            self.manifest = manifest
        }
    }

    public enum Subject: Sendable, Hashable {
        case shard(Shard)
        case sealed(Partition, WalkRules)
    }

    public let challenge: Digest
    public let height: Height
    public let provider: AuditParty
    /// Of a sealed partition its number; of a shard, its place in the provider's list.
    public let partition: UInt32
    public let subject: Subject
    /// In the order of their slots.
    public let witnesses: [AuditParty]
    /// Those who ask when the round is contained; fewer than three where too few were there to be drawn.
    public let again: [AuditParty]

    /// Nil unless there is a witness for every slot.
    public init?(
        challenge: Digest, height: Height, provider: AuditParty, partition: UInt32, subject: Subject,
        drawn: [AuditParty]
    ) {
        guard drawn.count >= RoundTally.witnesses else { return nil }
        self.challenge = challenge
        self.height = height
        self.provider = provider
        self.partition = partition
        self.subject = subject
        witnesses = Array(drawn.prefix(RoundTally.witnesses))
        again = Array(drawn.dropFirst(RoundTally.witnesses).prefix(RoundTally.askedAgain))
    }

    public var kind: ChallengeKind {
        switch subject {
        case .shard: .hotRound
        case .sealed: .sealedRound
        }
    }

    /// Nil of what is sealed.
    public var shard: Shard? {
        if case .shard(let shard) = subject { shard } else { nil }
    }

    /// MiB.
    public var units: UInt32 {
        switch subject {
        case .shard(let shard): UInt32(shard.units)
        case .sealed(let partition, _): partition.units
        }
    }

    /// Who is asked. A holder of shards is reached by its device.
    public var node: NodeID {
        switch subject {
        case .shard: NodeID(provider.device)
        case .sealed(let partition, _): partition.node
        }
    }

    public var place: VerdictPlace { VerdictPlace(height: height, target: provider.place, partition: partition) }

    /// What a witness's verifiable random function is asked for its nonce.
    public func nonceInput(using hash: some HashFunction) -> Digest {
        var writer = ByteWriter(capacity: 68)
        writer.identifier(challenge)
        writer.u32(partition)
        writer.identifier(provider.id)
        return hash.digest(Tags.walkInput, writer.bytes)
    }

    /// A drawn witness, of the first asking or of the second.
    public func witness(at place: UInt32) -> AuditParty? { (witnesses + again).first { $0.place == place } }
}

/// The audits of one round, and when they are.
public struct AuditRound: Sendable, Equatable {
    public let height: Height
    public let times: AuditTimes
    public let audits: [StorageAudit]

    public init(height: Height, times: AuditTimes, audits: [StorageAudit]) {
        self.height = height
        self.times = times
        self.audits = audits
    }
}
