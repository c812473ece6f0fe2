public import CairnBase

/// One gateway as an epoch's view has it: what the chain knew of it two epochs ago.
public struct Member: Sendable, Hashable {
    public var id: ResourceID
    public var controller: AccountID
    public var stakeRoot: AccountID
    public var device: PublicKey
    public var randomness: VRFPublicKey
    public var place: Direction
    public var region: Region
    /// The declared network, with its family in front: equal for two members exactly when they share a /24 or /48.
    public var network: UInt64
    /// Of the antenna, in tenths of a decibel. More than 12 dB is not believed.
    public var gain: Int16
    /// How far it is believed, in parts per million.
    public var trust: UInt64
    /// Who gives more than half of its trust, if one does.
    public var captor: AccountID?
    /// What its place is worth beside its neighbours, in parts per million.
    public var scale: UInt64
    /// Challenges per thousand epochs.
    public var rateMilli: UInt64
    /// Whether it lately was valid as beaconer and as witness, or is too new to be asked.
    public var isReciprocal: Bool
    public var neighbours: [Neighbour]
    /// Whether it shares one unit with others that are heard alike.
    public var isTwin: Bool
    /// Whether it says nearly the same of whatever it hears.
    public var isTooPerfect: Bool
    /// False for a resource of another profile. It holds a place, because verdicts name resources by their places among
    /// all of them, and is neither challenged nor a witness.
    public var takesPart: Bool

    public init(
        id: ResourceID, controller: AccountID, stakeRoot: AccountID, device: PublicKey, randomness: VRFPublicKey,
        place: Direction, region: Region, network: UInt64, gain: Int16, trust: UInt64, captor: AccountID? = nil,
        scale: UInt64, rateMilli: UInt64, isReciprocal: Bool, neighbours: [Neighbour],
        isTwin: Bool = false, isTooPerfect: Bool = false, takesPart: Bool = true
    ) {
        self.id = id
        self.controller = controller
        self.stakeRoot = stakeRoot
        self.device = device
        self.randomness = randomness
        self.place = place
        self.region = region
        self.network = network
        self.gain = gain
        self.trust = trust
        self.captor = captor
        self.scale = scale
        self.rateMilli = rateMilli
        self.isReciprocal = isReciprocal
        self.neighbours = neighbours
        self.isTwin = isTwin
        self.isTooPerfect = isTooPerfect
        self.takesPart = takesPart
    }

    public var isTrusted: Bool { trust >= CoverageRules.trustedFrom }

    /// The gain that is believed, in hundredths of a decibel.
    public var believedGain: Int64 { 10 * Int64(min(gain, 120)) }
}

/// One who usually hears a gateway, with its last twenty chances, newest in the lowest bit.
public struct Neighbour: Sendable, Hashable {
    public let index: UInt32
    public let heard: UInt32

    public static let chances = 20

    public init(index: UInt32, heard: UInt32) {
        self.index = index
        self.heard = heard & (1 << UInt32(Self.chances) - 1)
    }

    public var times: UInt64 { UInt64(heard.nonzeroBitCount) }
    /// Heard often enough that silence means something.
    public var isRegular: Bool { times >= 14 }
}
