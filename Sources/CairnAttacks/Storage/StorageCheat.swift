public import CairnBase

/// How a provider that does not keep all it is paid for makes up what a walk asks for.
public struct StorageCheat: Sendable, Hashable {
    /// Where a leaf comes from that is not on its disk as it should be.
    public enum Source: Sendable, Hashable {
        /// The mask is made again, at this share of what a whole one costs; the raw bytes are given to the cheat.
        case mask(ppm: UInt64)
        /// A peer is asked, which takes so long there and back.
        case peer(TimeSpan)
        /// There is none: the bytes that the first identity keeps are shown instead.
        case firstIdentity
    }

    /// When it begins to make what it lacks.
    public enum Preparation: Sendable, Hashable {
        case whenAsked
        /// As soon as it can know that the round begins.
        case onceKnown
        /// With every epoch, whether it will be asked or not; it lets go of it after the epoch's round.
        case everyEpoch
    }

    /// How many of its units it lacks.
    public let missingPPM: UInt64
    public let source: Source
    public let preparation: Preparation
    /// How many providers it says it is; all of them are asked at the same moments.
    public let identities: Int

    public init(missingPPM: UInt64, source: Source, preparation: Preparation = .whenAsked, identities: Int = 1) {
        self.missingPPM = missingPPM
        self.source = source
        self.preparation = preparation
        self.identities = max(1, identities)
    }

    public static let honest = StorageCheat(missingPPM: 0, source: .mask(ppm: 1_000_000))

    /// Whether identity `identity` has that unit on its disk: chance, of a seed.
    func lacks(_ unit: UInt64, identity: Int, seed: UInt64) -> Bool {
        if source == .firstIdentity { return identity > 0 }
        var random = SeededRandom(seed: seed).fork("lacks", unit)
        return random.chance(ppm: missingPPM)
    }
}

/// What a cheat works with.
public struct CheatingMachine: Sendable, Hashable {
    /// How many times as fast as the reference processor one of its walks makes a mask.
    public let speed: UInt64
    /// How many walks do so side by side.
    public let cores: Int
    /// How long it takes to read a leaf from its disk.
    public let read: TimeSpan
    /// What it gains by delaying the pings that its witnesses measure.
    public let granted: TimeSpan

    public init(speed: UInt64 = 4, cores: Int = 4, read: TimeSpan, granted: TimeSpan = .zero) {
        self.speed = max(1, speed)
        self.cores = max(1, cores)
        self.read = read
        self.granted = granted
    }
}
