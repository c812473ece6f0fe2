/// Why a score is what it is: a numbered bit. Numbers are stable; 0–31 may stand at a witness, all in a verdict.
public enum Reason: UInt8, Sendable, CaseIterable {
    case noBeacon = 1
    case late = 2
    case payload = 3
    case channel = 4
    case spreadingFactor = 5
    case duplicate = 6
    case oneself = 7
    case region = 8
    case tooNear = 9
    case tooFar = 10
    case freeSpace = 11
    case noise = 12
    case signalToNoise = 13
    case time = 14
    case roundTrip = 15
    case pairCap = 16
    case sameNetwork = 17
    case notDrawn = 18
    case noQuorum = 19
    case notIndependent = 20
    case tooPerfect = 21
    case powerStep = 22
    case silent = 23
    case reciprocity = 24
    case island = 25
    case density = 26
    case unvetted = 27
    case bond = 28
    case deadline = 29
    case contained = 30
    case badLeaf = 31
    case badPath = 32
    case badUnit = 33
    case retrieval = 34
    case qualityHalf = 35
    case qualityStop = 36
    case meterMismatch = 37
    case meterBackward = 38
    case capacity = 39
    case bounds = 40
    case jump = 41
    case constant = 42
    case neighbour = 43
    case replay = 44
    case resultMismatch = 45
    case canary = 46
    case custodyFork = 47
    case massBalance = 48
    case subsidyCap = 49
    case twin = 50
    case unrevealed = 51
    case refusedCheck = 52

    public var bit: UInt64 { 1 << UInt64(rawValue) }
}

/// A set of reasons; the empty one says that nothing was wrong.
public struct Reasons: OptionSet, Sendable, Hashable {
    public let rawValue: UInt64

    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    public init(_ reasons: Reason...) {
        rawValue = reasons.reduce(0) { $0 | $1.bit }
    }

    public func contains(_ reason: Reason) -> Bool { rawValue & reason.bit != 0 }

    public mutating func insert(_ reason: Reason) { self = Reasons(rawValue: rawValue | reason.bit) }

    /// In the order of their numbers.
    public var list: [Reason] { Reason.allCases.filter { contains($0) } }

    /// Every bit that means something.
    static let known = Reason.allCases.reduce(UInt64(0)) { $0 | $1.bit }
}
