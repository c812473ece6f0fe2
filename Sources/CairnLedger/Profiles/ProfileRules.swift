public import CairnBase
public import CairnWire

/// What one service is on one network: chain data that genesis writes and that every node reads alike.
public struct ProfileRules: Record {
    /// How the bond behind a resource acts.
    public enum Bonding: UInt8, Sendable, CaseIterable {
        /// Nobody needs one.
        case none = 0
        /// Who has none earns it: a part of the pay is held until the bond is full.
        case held = 1
        /// A resource without its bond is not there.
        case strict = 2
    }

    /// Who shares a place.
    public enum Crowding: UInt8, Sendable, CaseIterable {
        case none = 0
        /// By cells, as `Density` says.
        case cells = 1
    }

    /// What the profile gets of what is emitted beside its share of usage.
    public enum Subsidy: UInt8, Sendable, CaseIterable {
        /// Nothing for a proof alone.
        case usageOnly = 0
        /// A part for proofs that falls as revenue rises.
        case fading = 1
    }

    public let profile: Profile
    /// The layout of what a resource claims when it registers.
    public let schema: String
    public let challenge: ChallengeKind
    /// Challenges per thousand epochs, before what vetting and trust make of it.
    public let challengesPerThousandEpochs: UInt32
    /// Which registered function judges its verdicts.
    public let verifier: String
    /// The verifier's own numbers, by name, in the order of names.
    public let thresholds: [Threshold]
    /// What one unit of work is.
    public let meter: String
    public let bonding: Bonding
    public let bondMin: Amount
    public let crowding: Crowding
    public let subsidy: Subsidy
    /// Of what all profiles get; a vote may change it.
    public internal(set) var sharePPM: UInt64
    /// Of the profile's pool, for witnesses, an equal part for each receipt.
    public let witnessPPM: UInt64

    public struct Threshold: Sendable, Equatable {
        public let name: String
        public let value: UInt64

        public init(_ name: String, _ value: UInt64) {
            self.name = name
            self.value = value
        }
    }

    public init(
        profile: Profile, schema: String, challenge: ChallengeKind, challengesPerThousandEpochs: UInt32,
        verifier: String, thresholds: [Threshold], meter: String, bonding: Bonding, bondMin: Amount,
        crowding: Crowding, subsidy: Subsidy, sharePPM: UInt64, witnessPPM: UInt64
    ) {
        self.profile = profile
        self.schema = schema
        self.challenge = challenge
        self.challengesPerThousandEpochs = challengesPerThousandEpochs
        self.verifier = verifier
        self.thresholds = thresholds.sorted { $0.name < $1.name }
        self.meter = meter
        self.bonding = bonding
        self.bondMin = bondMin
        self.crowding = crowding
        self.subsidy = subsidy
        self.sharePPM = min(sharePPM, .millionPPM)
        self.witnessPPM = min(witnessPPM, .millionPPM)
    }

    /// Zero where the profile does not say.
    public subscript(threshold: String) -> UInt64 {
        thresholds.first { $0.name == threshold }?.value ?? 0
    }

    /// A verdict on the challenge of height n stands in the blocks n + these.
    public var window: (first: UInt64, last: UInt64) { (self["windowFirst"], self["windowLast"]) }

    /// No window is longer: an epoch's verdicts are all in so many blocks after it, and it can be settled.
    public static let windowMax: UInt64 = 90
    static let textMax = 32
    static let thresholdsMax = 32
}

extension ProfileRules: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        func read<Code: RawRepresentable<UInt8>>(_ what: String) throws(DecodeError) -> Code {
            let code = try reader.u8()
            guard let value = Code(rawValue: code) else { throw .unknown(what, UInt64(code)) }
            return value
        }
        let number = try reader.u16()
        guard let profile = Profile(rawValue: number) else { throw .unknown("profile", UInt64(number)) }
        self.profile = profile
        schema = try reader.string(limit: Self.textMax)
        challenge = try read("challenge kind")
        challengesPerThousandEpochs = try reader.u32()
        verifier = try reader.string(limit: Self.textMax)
        thresholds = try reader.list(limit: Self.thresholdsMax) { reader throws(DecodeError) in
            Threshold(try reader.string(limit: Self.textMax), try reader.u64())
        }
        for (threshold, next) in zip(thresholds, thresholds.dropFirst()) where threshold.name >= next.name {
            throw .notCanonical("order of thresholds")
        }
        meter = try reader.string(limit: Self.textMax)
        bonding = try read("bonding")
        bondMin = try reader.value()
        crowding = try read("crowding")
        subsidy = try read("subsidy")
        sharePPM = try reader.u64()
        witnessPPM = try reader.u64()
        guard sharePPM <= .millionPPM, witnessPPM <= .millionPPM else { throw .invalid("profile share") }
    }

    public func encode(into writer: inout ByteWriter) {
        writer.u16(profile.rawValue)
        writer.bytes(Array(schema.utf8))
        writer.u8(challenge.rawValue)
        writer.u32(challengesPerThousandEpochs)
        writer.bytes(Array(verifier.utf8))
        writer.count(thresholds.count)
        for threshold in thresholds {
            writer.bytes(Array(threshold.name.utf8))
            writer.u64(threshold.value)
        }
        writer.bytes(Array(meter.utf8))
        writer.u8(bonding.rawValue)
        bondMin.encode(into: &writer)
        writer.u8(crowding.rawValue)
        writer.u8(subsidy.rawValue)
        writer.u64(sharePPM)
        writer.u64(witnessPPM)
    }
}
