public import CairnBase
public import CairnWire

/// One number that the rules of a network are made with.
///
/// Numbers on the wire are stable. Genesis may set any of them within its bounds; a vote may later change those that
/// are not fixed by the shape of the chain itself.
public enum Parameter: UInt8, Sendable, CaseIterable {
    case epochBlocks = 1
    case epochsPerPeriod = 2
    case blockPace = 3
    case feeMin = 4
    case unbondingPeriods = 5
    case committeeMax = 6
    case candidateBondMin = 7
    case keyRotationPeriods = 8
    case emissionRateQ32 = 9
    case validatorsPPM = 10
    case treasuryPPM = 11
    case doubleVotePPM = 12
    case reporterPPM = 13
    case missedViewsPPM = 14
    case placeFee = 15
    case standingLambda = 16
    case standingStart = 17
    case vettingVerdicts = 18
    case vettingPeriods = 19
    case interactiveEpochs = 20
    case islandPPM = 21
    case islandPoolPPM = 22
    case islandPeriods = 23
    case rootsForFullPool = 24
    case trustPeriods = 25
    case bondPeriods = 26
    case heldStagePeriods = 27
    case rewardEpochs = 28
    case prepaidBurnPPM = 29
    case votingPeriods = 30
    case timelockPeriods = 31
    case quorumPPM = 32
    case proposalDeposit = 33
    case spacePriceMin = 34
}

extension Parameter {
    public enum Profile: String, Sendable, CaseIterable {
        case main
        case testnet
    }

    /// The name in a genesis file and in the API.
    public var name: String { "\(self)" }

    /// What a value means and may be.
    public struct Rule: Sendable {
        public let main: UInt64
        public let testnet: UInt64
        public let bounds: ClosedRange<UInt64>
        /// Whether a vote may change it while the chain runs.
        public let isVotable: Bool

        init(_ main: UInt64, _ testnet: UInt64, _ bounds: ClosedRange<UInt64>, votable: Bool = true) {
            self.main = main
            self.testnet = testnet
            self.bounds = bounds
            isVotable = votable
        }
    }

    public var rule: Rule {
        switch self {
        // Heights are cut into epochs and periods by these two, so they hold for the life of a chain.
        case .epochBlocks: Rule(600, 30, 2...7200, votable: false)
        case .epochsPerPeriod: Rule(72, 1, 1...1000, votable: false)
        // Milliseconds between a block and its parent.
        case .blockPace: Rule(2000, 1000, 0...10_000)
        case .feeMin: Rule(10_000, 1000, 0...Amount.one.units)
        case .unbondingPeriods: Rule(21, 3, 1...60)
        case .committeeMax: Rule(100, 100, 4...UInt64(Committee.membersMax))
        case .candidateBondMin: Rule(10_000 * Amount.one.units, 100 * Amount.one.units, 1...Amount.cap.units)
        case .keyRotationPeriods: Rule(2, 1, 0...60)
        // The part of the reserve, out of 2^32, that is emitted each period: half of it in 730 and in 200 periods.
        case .emissionRateQ32: Rule(4_076_208, 14_859_458, 0...(1 << 30))
        case .validatorsPPM: Rule(100_000, 100_000, 0...500_000)
        case .treasuryPPM: Rule(50_000, 50_000, 0...500_000)
        // Of everything at risk, for two votes that contradict each other.
        case .doubleVotePPM: Rule(50_000, 50_000, 10_000...1_000_000)
        case .reporterPPM: Rule(300_000, 300_000, 0...500_000)
        // Who misses more of its views than this in an epoch loses its place on the list, not its stake.
        case .missedViewsPPM: Rule(500_000, 500_000, 100_000...1_000_000)
        // Burned for a registration or a move.
        case .placeFee: Rule(Amount.one.units, Amount.one.units / 100, 0...100 * Amount.one.units)
        // What remains of a track record with each verdict.
        case .standingLambda: Rule(999_000, 990_000, 990_000...999_900)
        // The passes a new resource starts with, in parts per million of one.
        case .standingStart: Rule(1_000_000_000, 100_000_000, 1_000_000...1_000_000_000_000)
        case .vettingVerdicts: Rule(100, 10, 0...10_000)
        case .vettingPeriods: Rule(21, 5, 0...365)
        // Who neither answered nor witnessed for so long counts for nobody's density.
        case .interactiveEpochs: Rule(144, 20, 2...10_000)
        case .islandPPM: Rule(100_000, 100_000, 0...200_000)
        case .islandPoolPPM: Rule(50_000, 50_000, 0...200_000)
        case .islandPeriods: Rule(90, 90, 1...1000)
        // With fewer stake roots a profile is paid a part of its pool.
        case .rootsForFullPool: Rule(20, 3, 1...1000)
        case .trustPeriods: Rule(30, 30, 1...60)
        case .bondPeriods: Rule(20, 5, 5...60)
        // Three quarters, half and a quarter of the pay are held in the first three of these.
        case .heldStagePeriods: Rule(90, 90, 1...365)
        // How long rewards can be looked up in the state.
        case .rewardEpochs: Rule(144, 60, 2...10_000)
        case .prepaidBurnPPM: Rule(30_000, 30_000, 0...200_000)
        case .votingPeriods: Rule(7, 1, 1...30)
        case .timelockPeriods: Rule(14, 2, 2...60)
        case .quorumPPM: Rule(200_000, 200_000, 10_000...1_000_000)
        case .proposalDeposit: Rule(1000 * Amount.one.units, 10 * Amount.one.units, 0...100_000 * Amount.one.units)
        // What a MiB of an object's shard costs in an epoch at least: space that costs nothing is soon full of nothing.
        case .spacePriceMin: Rule(1, 1, 0...Amount.one.units)
        }
    }
}

/// The value of every parameter.
public struct Parameters: Record {
    private var values: [UInt64]

    public init(_ profile: Parameter.Profile) {
        values = Parameter.allCases.map { profile == .main ? $0.rule.main : $0.rule.testnet }
    }

    public internal(set) subscript(parameter: Parameter) -> UInt64 {
        get { values[Self.index(of: parameter)] }
        set { values[Self.index(of: parameter)] = newValue }
    }

    /// Sets a value if it lies within its bounds.
    public mutating func set(_ parameter: Parameter, to value: UInt64) -> Bool {
        guard parameter.rule.bounds.contains(value) else { return false }
        self[parameter] = value
        return true
    }

    public func amount(_ parameter: Parameter) -> Amount { Amount(units: self[parameter]) }

    private static func index(of parameter: Parameter) -> Int { Int(parameter.rawValue) - 1 }
}

extension Parameters: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        guard try reader.count(limit: Parameter.allCases.count) == Parameter.allCases.count else {
            throw .invalid("number of parameters")
        }
        values = []
        for parameter in Parameter.allCases {
            let value = try reader.u64()
            guard parameter.rule.bounds.contains(value) else { throw .invalid("parameter out of bounds") }
            values.append(value)
        }
    }

    public func encode(into writer: inout ByteWriter) {
        writer.count(values.count)
        for value in values { writer.u64(value) }
    }
}

/// How heights are cut into epochs and periods. Genesis is height 0 and belongs to no epoch but the first.
extension Parameters {
    public func epoch(of height: Height) -> Epoch {
        Epoch(height.number == 0 ? 0 : (height.number - 1) / self[.epochBlocks])
    }

    public func lastHeight(of epoch: Epoch) -> Height {
        Height(epoch.next.number.times(self[.epochBlocks], over: 1) ?? .max)
    }

    public func firstHeight(of epoch: Epoch) -> Height {
        Height(epoch.number.times(self[.epochBlocks], over: 1) ?? .max).next
    }

    /// How many epochs after an epoch it is settled: at the first end of an epoch by which all its verdicts are in.
    public var settlementLag: UInt64 { (Self.lateBlocks + self[.epochBlocks] - 1) / self[.epochBlocks] }

    /// Whether an epoch is settled when the next block belongs to `now`.
    public func isSettled(_ epoch: Epoch, in now: Epoch) -> Bool { epoch.advanced(by: settlementLag) < now }

    /// Verdicts on the last challenges of an epoch may come this many blocks after it.
    private static var lateBlocks: UInt64 { 60 }

    /// How long stake stays liable for an epoch, and committees are remembered.
    public var evidenceEpochs: UInt64 {
        let delay = self[.unbondingPeriods].times(self[.epochsPerPeriod], over: 1) ?? .max
        return Epoch(delay).advanced(by: 2).number
    }

    public func period(of epoch: Epoch) -> UInt64 { epoch.number / self[.epochsPerPeriod] }

    /// The height that many periods after another; the end of time where that does not fit.
    public func height(_ periods: UInt64, periodsAfter height: Height) -> Height {
        let blocks = self[.epochBlocks].times(self[.epochsPerPeriod], over: 1).flatMap { $0.times(periods, over: 1) }
        return height.advanced(by: blocks ?? .max)
    }
}
