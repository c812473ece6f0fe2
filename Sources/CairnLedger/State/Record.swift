public import CairnBase
public import CairnWire

/// A value the ledger keeps in its state, with one canonical form.
public protocol Record: Canonical, Equatable, Sendable {}

/// A state key that knows which record type lies under it, so that nothing can be read as something else.
public struct RecordKey<Value: Record>: Sendable, Hashable {
    public let key: StateKey

    init(_ key: StateKey) {
        self.key = key
    }
}

extension RecordKey where Value == Parameters {
    public static var parameters: Self { Self(StateKey(.parameters)) }
}

extension RecordKey where Value == Supply {
    public static var supply: Self { Self(StateKey(.supply)) }
}

extension RecordKey where Value == Account {
    public static func account(_ id: AccountID) -> Self { Self(StateKey(.account, id)) }
}

extension RecordKey where Value == Stake {
    public static func stake(_ id: AccountID) -> Self { Self(StateKey(.stake, id)) }
}

extension RecordKey where Value == Validator {
    public static func validator(_ id: AccountID) -> Self { Self(StateKey(.validator, id)) }
}

extension RecordKey where Value == VoteKeyOwner {
    public static func voteKey(_ key: PublicKey) -> Self { Self(StateKey(.voteKey, key)) }
}

extension RecordKey where Value == CandidateList {
    public static var candidates: Self { Self(StateKey(.candidates)) }
}

extension RecordKey where Value == Attendance {
    public static func attendance(_ epoch: Epoch) -> Self { Self(StateKey(.attendance, epoch)) }
}

extension RecordKey where Value == EpochPot {
    public static func pot(_ epoch: Epoch) -> Self { Self(StateKey(.pot, epoch)) }
}

extension RecordKey where Value == Punishment {
    public static func punishment(of key: PublicKey, in epoch: Epoch) -> Self {
        Self(StateKey(.punishment, epoch, key))
    }
}

extension RecordKey where Value == Committee {
    public static func committee(_ epoch: Epoch) -> Self { Self(StateKey(.committee, epoch)) }
}

extension RecordKey where Value == Resource {
    public static func resource(_ id: ResourceID) -> Self { Self(StateKey(.resource, id)) }
}

extension RecordKey where Value == ResourceName {
    /// By the order of registration.
    public static func resourceName(_ index: UInt32) -> Self { Self(StateKey(.resourceName, number: UInt64(index))) }
    public static func device(_ key: PublicKey) -> Self { Self(StateKey(.device, key)) }
    public static func radio(_ eui: UInt64) -> Self { Self(StateKey(.radio, number: eui)) }
}

extension RecordKey where Value == Count {
    /// How many resources an account has registered: the sequence number of its next one.
    public static func registrations(by controller: AccountID) -> Self { Self(StateKey(.registrations, controller)) }
    public static var resourceCount: Self { Self(StateKey(.resourceCount)) }
}
