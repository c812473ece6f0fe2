import CairnBase
import CairnLedger
import CairnRadio
import CairnWire
import CairnWitness

/// One way to be paid for coverage that is not there, or to keep others from being paid: the attacker's devices, and
/// what he does where an honest owner would do nothing.
///
/// Devices are numbered through the town, the honest first. What a hook says of a device of nobody's own is impossible
/// and is left out.
protocol CoverageAttack: Sendable {
    /// The honest town that it is tried in.
    static var town: TownPlan { get }
    /// The attacker's devices beside those of the town.
    mutating func devices(beside honest: [TownDevice], _ random: inout SeededRandom) -> [TownDevice]
    /// The chain is at a height; what own devices say that they hear, out of nothing.
    mutating func invent(at height: Height, in town: TownGlimpse) -> [Hearing]
    /// An own device is told to send. What it sends; nil for nothing.
    mutating func send(_ frame: SendRequest, by device: Int, in town: TownGlimpse) -> SendRequest?
    /// An own device is told to send. What other devices are told to have heard, beside those that do.
    mutating func relay(_ frame: SendRequest, from device: Int, in town: TownGlimpse) -> [Hearing]
    /// An own radio received a frame. What own devices say they heard.
    mutating func hear(_ reception: Reception, by device: Int, in town: TownGlimpse) -> [Hearing]
    /// An own gateway wants to say something. What is said.
    mutating func say(_ statement: Statement, by device: Int, in town: TownGlimpse) -> [Saying]
    /// Somebody else said something. What own gateways say then.
    mutating func overhear(_ statement: Statement, in town: TownGlimpse) -> [Saying]
    /// Whether the attacker's own validator lets itself know what somebody said.
    mutating func admits(_ statement: Statement, by device: Int, in town: TownGlimpse) -> Bool
    /// That validator leads a block. What it proposes in place of what it thinks true.
    mutating func propose(_ verdicts: [CoverageVerdict], in town: TownGlimpse) -> [CoverageVerdict]
    /// How many of four leaders are the attacker's.
    static var leaders: UInt64 { get }
}

extension CoverageAttack {
    static var town: TownPlan { TownPlan() }
    static var leaders: UInt64 { 0 }
    mutating func devices(beside honest: [TownDevice], _ random: inout SeededRandom) -> [TownDevice] { [] }
    mutating func invent(at height: Height, in town: TownGlimpse) -> [Hearing] { [] }
    mutating func send(_ frame: SendRequest, by device: Int, in town: TownGlimpse) -> SendRequest? { frame }
    mutating func relay(_ frame: SendRequest, from device: Int, in town: TownGlimpse) -> [Hearing] { [] }
    mutating func hear(_ reception: Reception, by device: Int, in town: TownGlimpse) -> [Hearing] {
        [Hearing(reception, by: device)]
    }
    mutating func say(_ statement: Statement, by device: Int, in town: TownGlimpse) -> [Saying] {
        [Saying(statement, by: device)]
    }
    mutating func overhear(_ statement: Statement, in town: TownGlimpse) -> [Saying] { [] }
    mutating func admits(_ statement: Statement, by device: Int, in town: TownGlimpse) -> Bool { true }
    mutating func propose(_ verdicts: [CoverageVerdict], in town: TownGlimpse) -> [CoverageVerdict] { verdicts }
}

/// What a device is told that its radio received.
struct Hearing: Sendable {
    let reception: Reception
    let device: Int

    init(_ reception: Reception, by device: Int) {
        self.reception = reception
        self.device = device
    }
}

/// What a device's owner signs and publishes.
struct Saying: Sendable {
    let statement: Statement
    let device: Int

    init(_ statement: Statement, by device: Int) {
        self.statement = statement
        self.device = device
    }
}

/// The honest part of a town.
public struct TownPlan: Sendable {
    public var gateways = 20
    /// How many of them genesis names.
    public var anchors = 5
    /// In so many places out of each other's hearing.
    var towns = 1
    /// Of the square they stand in, in metres.
    public var side: UInt64 = 4_000
    /// Of the chain.
    var parameters = Parameters(.testnet)
    var profiles = ProfileRules.templates(.testnet)

    public init() {}

    /// Where they stand; fewer than there should be if there is no room.
    func spots(_ random: inout SeededRandom) -> [Position] {
        let inTown = (gateways + towns - 1) / max(1, towns)
        let middle = Int32(Self.perRow / 2)
        return (0..<towns).flatMap { town -> [Position] in
            let (row, column) = (Int32(town / Self.perRow), Int32(town % Self.perRow))
            let centre =
                towns == 1
                ? TownSpot(east: 0, north: 0)
                : TownSpot(east: (column - middle) * Self.between, north: (row - middle) * Self.between)
            return TownSpot.apart(min(inTown, gateways - town * inTown), side: side, around: centre, &random)
        }
    }

    private static let perRow = 24
    /// A beacon is heard nine kilometres away at the most.
    private static let between: Int32 = 25_000
}

/// What everybody can know of a town, attackers included.
struct TownGlimpse: Sendable {
    let height: Height
    let now: Instant
    /// Of the epoch.
    let view: CoverageView?
    let challenged: [Challenged]
    /// The devices that were challenged, by challenge.
    // ORDER: asked by key.
    let targets: [Digest: Int]
    let devices: [TownDevice]
    /// The keys of the devices, by number.
    let keys: [PublicKey]

    var epoch: Epoch { view?.epoch ?? Epoch(0) }

    /// Which device a place in the view is.
    func device(at place: UInt32) -> Int? {
        view?.member(place).flatMap { member in keys.firstIndex(of: member.device) }
    }

    /// Which device a challenge is about.
    func target(of challenge: Digest) -> Int? { targets[challenge] }

    func place(of device: Int) -> UInt32? { view?.index(of: keys[device]) }
}
