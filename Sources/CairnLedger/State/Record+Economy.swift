public import CairnBase
public import CairnWire

/// Where the records of profiles, verdicts, rewards, votes and objects lie.
extension RecordKey where Value == ProfileRules {
    public static func profile(_ profile: Profile) -> Self {
        Self(StateKey(.profile, number: UInt64(profile.rawValue)))
    }
}

extension RecordKey where Value == Census {
    public static func census(_ epoch: Epoch) -> Self { Self(StateKey(.census, epoch)) }
}

extension RecordKey where Value == FrozenResource {
    public static func frozen(_ epoch: Epoch, _ place: UInt32) -> Self {
        Self(StateKey(.frozen, numbers: epoch.number, UInt64(place)))
    }
}

extension RecordKey where Value == Track {
    public static func track(_ number: UInt32) -> Self { Self(StateKey(.track, number: UInt64(number))) }
}

extension RecordKey where Value == StakeRootSince {
    public static func stakeRootSince(_ root: AccountID) -> Self { Self(StateKey(.stakeRootSince, root)) }
}

extension RecordKey where Value == AnchorList {
    public static var anchors: Self { Self(StateKey(.anchors)) }
}

extension RecordKey where Value == Neighbourhood {
    public static func neighbourhood(_ number: UInt32) -> Self {
        Self(StateKey(.neighbourhood, number: UInt64(number)))
    }
}

extension RecordKey where Value == PairHistory {
    public static func pair(of target: UInt32, and witness: UInt32) -> Self {
        Self(StateKey(.pair, numbers: UInt64(target), UInt64(witness)))
    }
}

extension RecordKey where Value == OrderedVerdict {
    public static func verdict(_ place: VerdictPlace) -> Self {
        Self(StateKey(.verdict, numbers: place.height.number, UInt64(place.target), UInt64(place.partition)))
    }
}

extension RecordKey where Value == JudgedPlaces {
    public static func judged(_ height: Height) -> Self { Self(StateKey(.judged, height)) }
}

extension RecordKey where Value == ProfilePot {
    public static func profilePot(_ epoch: Epoch, _ profile: Profile) -> Self {
        Self(StateKey(.profilePot, numbers: epoch.number, UInt64(profile.rawValue)))
    }
}

extension RecordKey where Value == ProfileFunds {
    public static func funds(_ profile: Profile) -> Self { Self(StateKey(.funds, number: UInt64(profile.rawValue))) }
}

extension RecordKey where Value == Reward {
    public static func reward(_ epoch: Epoch, _ id: ResourceID) -> Self { Self(StateKey(.reward, epoch, id)) }
}

extension RecordKey where Value == EpochResult {
    public static func result(_ epoch: Epoch, _ profile: Profile) -> Self {
        Self(StateKey(.result, numbers: epoch.number, UInt64(profile.rawValue)))
    }
}

extension RecordKey where Value == StakeHistory {
    /// All that is bonded behind validators.
    public static var bonded: Self { Self(StateKey(.bonded)) }
}

extension RecordKey where Value == Proposal {
    public static func proposal(_ number: UInt32) -> Self { Self(StateKey(.proposal, number: UInt64(number))) }
}

extension RecordKey where Value == OpenProposals {
    public static var openProposals: Self { Self(StateKey(.openProposals)) }
}

extension RecordKey where Value == Ballot {
    public static func ballot(_ number: UInt32, _ voter: AccountID) -> Self {
        Self(StateKey(.ballot, number: UInt64(number), voter))
    }
}

extension RecordKey where Value == ProtocolVersion {
    public static var version: Self { Self(StateKey(.version)) }
}

extension RecordKey where Value == PrepaidObject {
    public static func object(_ id: Digest) -> Self { Self(StateKey(.object, id)) }
}

extension RecordKey where Value == Count {
    /// How many objects an account has ordered: the sequence number of its next one.
    public static func objectCount(of owner: AccountID) -> Self { Self(StateKey(.objectCount, owner)) }
}

extension RecordKey where Value == ObjectList {
    /// Ordered at a height, and not yet given to holders.
    public static func ordered(_ height: Height) -> Self { Self(StateKey(.ordered, height)) }
    /// Of which as many holders as make it anew should have said by that height that they have their shards.
    public static func expected(_ height: Height) -> Self { Self(StateKey(.expected, height)) }
    /// Closed in an epoch, and not yet settled.
    public static func closing(_ epoch: Epoch) -> Self { Self(StateKey(.closing, epoch)) }
}

extension RecordKey where Value == NumberPage {
    /// Resources that are not retired.
    public static func liveNumbers(_ page: UInt32) -> Self { Self(StateKey(.liveNumbers, number: UInt64(page))) }
    /// Resources that have a reward of an epoch.
    public static func rewardedNumbers(_ epoch: Epoch, _ page: UInt32) -> Self {
        Self(StateKey(.rewardedNumbers, numbers: epoch.number, UInt64(page)))
    }
    /// Places in the frozen set whose resources are sold to owners of objects.
    static func sellers(_ epoch: Epoch, _ page: UInt32) -> Self {
        Self(StateKey(.sellers, numbers: epoch.number, UInt64(page)))
    }
    /// Places of a provider's list at which a shard stands.
    public static func heldSlots(_ number: UInt32, _ page: UInt32) -> Self {
        Self(StateKey(.heldSlots, numbers: UInt64(number), UInt64(page)))
    }
}

extension RecordKey where Value == Forgotten {
    public static var forgotten: Self { Self(StateKey(.forgotten)) }
}

extension RecordKey where Value == Holdings {
    public static func holdings(_ number: UInt32) -> Self { Self(StateKey(.holdings, number: UInt64(number))) }
}

extension RecordKey where Value == HeldShard {
    public static func shard(_ number: UInt32, _ slot: UInt32) -> Self {
        Self(StateKey(.shard, numbers: UInt64(number), UInt64(slot)))
    }
}

extension RecordKey where Value == SealedPartition {
    public static func sealedPartition(_ number: UInt32, _ partition: UInt32) -> Self {
        Self(StateKey(.sealedPartition, numbers: UInt64(number), UInt64(partition)))
    }
}

extension RecordKey where Value == PaymentPartners {
    public static func payers(of number: UInt32) -> Self { Self(StateKey(.payers, number: UInt64(number))) }
    public static func payees(of payer: AccountID) -> Self { Self(StateKey(.payees, payer)) }
}

extension RecordKey where Value == BurnHistory {
    public static func burns(for number: UInt32) -> Self { Self(StateKey(.burns, number: UInt64(number))) }
}
