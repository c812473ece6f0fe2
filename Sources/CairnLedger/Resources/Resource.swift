public import CairnBase
import CairnWire

/// The part of the internet that a resource says it is in: the first 24 bits of an IPv4 address, the first 48 of an
/// IPv6 one. Witnesses of one network do not count as two.
public struct Network: Sendable, Hashable {
    public enum Family: UInt8, Sendable {
        case v4 = 4
        case v6 = 6

        /// How many bits the prefix has.
        var width: UInt64 { self == .v4 ? 24 : 48 }
    }

    public let family: Family
    public let prefix: UInt64

    /// Refuses a prefix with more bits than its family has.
    public init?(_ family: Family, prefix: UInt64) {
        guard prefix >> family.width == 0 else { return nil }
        self.family = family
        self.prefix = prefix
    }
}

/// What a radio must say about itself, for its beacons and receipts to be judged.
public struct Radio: Sendable, Hashable {
    /// The gateway's hardware number; one radio is one resource.
    public let eui: UInt64
    public let region: UInt8
    /// In centibel above a milliwatt.
    public let power: Int16
    /// Of the antenna, in tenths of a decibel; more than 12 dB is not believed when receipts are judged.
    public let gain: Int16

    public init(eui: UInt64, region: UInt8, power: Int16, gain: Int16) {
        self.eui = eui
        self.region = region
        self.power = power
        self.gain = gain
    }
}

/// Where a resource stands and how it is reached; moving changes all of it at once.
public struct Site: Sendable, Hashable {
    public let position: Position
    /// In centimetres above the ground.
    public let height: Int32
    public let network: Network

    public init(position: Position, height: Int32, network: Network) {
        self.position = position
        self.height = height
        self.network = network
    }
}

/// What a resource is, apart from where: fixed for its life.
public struct Offer: Sendable, Hashable {
    public let profile: Profile
    /// Signs its receipts and answers. One device key belongs to one resource, for ever.
    public let device: PublicKey
    public let randomness: VRFPublicKey
    /// There exactly for radio coverage.
    public let radio: Radio?
    /// In units of 1 MiB; there exactly for storage.
    public let capacity: UInt32?

    public init?(
        profile: Profile, device: PublicKey, randomness: VRFPublicKey, radio: Radio? = nil, capacity: UInt32? = nil
    ) {
        guard (radio != nil) == (profile == .coverageRadio), (capacity != nil) == profile.hasCapacity, capacity != 0
        else { return nil }
        self.profile = profile
        self.device = device
        self.randomness = randomness
        self.radio = radio
        self.capacity = capacity
    }
}

/// One thing offered to the network.
public struct Resource: Record {
    /// Its place in the order of registration, never used again.
    public let index: UInt32
    public let controller: AccountID
    public let offer: Offer
    public internal(set) var site: Site
    /// Whose bond stands behind it. Named at registration, so that no stranger can make himself the backer.
    public let stakeRoot: AccountID
    public internal(set) var bond: Amount
    public internal(set) var isRetired: Bool
    /// When it was registered or last moved: what is bound to a place starts anew there.
    public internal(set) var since: Epoch

    /// H("cn/res"; chain, controller, sequence): known before it is registered.
    public static func id(
        chain: ChainID, controller: AccountID, sequence: UInt64, using hash: some HashFunction
    ) -> ResourceID {
        var writer = ByteWriter(capacity: 72)
        writer.identifier(chain)
        writer.identifier(controller)
        writer.u64(sequence)
        return ResourceID(hash.digest(Tags.resource, writer.bytes).raw)
    }
}
