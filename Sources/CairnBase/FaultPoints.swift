/// Places in a core where the simulator may be unkind, and places it must have reached.
///
/// A core keeps one of these as a stored value, handed to it when it is made; there is no global registry, so two nodes
/// in one process cannot disturb one another and a copy of a core carries its points along. A real node hands in
/// `.off`: a point then costs one test of a boolean.
///
/// `buggify` answers whether to take an unlikely but legal path: send a smaller batch, expire a cache, skip an
/// optimisation. A quarter of the points is active in a run, and an active point fires at a quarter of its visits.
/// `sometimes` counts that a rare state was reached; a run of many seeds that never reaches it is a test gap.
public struct FaultPoints: Sendable {
    /// How often one point was visited and, for `buggify`, how often it fired.
    public struct Count: Sendable, Equatable {
        public let name: String
        public var visits: UInt64
        public var firings: UInt64
    }

    @usableFromInline let isOn: Bool
    private let seed: UInt64
    /// When not nil, only points with these identities may fire: how a shrinker switches points off.
    private let only: [UInt64]?
    private let stream: UInt64
    /// In order of first visit.
    public private(set) var counts: [Count] = []

    public static let off = FaultPoints(isOn: false, seed: 0, stream: 0, only: [])

    /// Points of one process. `seed` decides which points are active in the whole run, `stream` when they fire.
    public init(seed: UInt64, stream: SeededRandom, only: [UInt64]? = nil) {
        var stream = stream
        self.init(isOn: true, seed: seed, stream: stream.next(), only: only)
    }

    private init(isOn: Bool, seed: UInt64, stream: UInt64, only: [UInt64]?) {
        self.isOn = isOn
        self.seed = seed
        self.stream = stream
        self.only = only
    }

    /// A number for a point's name, equal in every run.
    public static func identity(of name: String) -> UInt64 {
        name.utf8.reduce(0x2545_f491_4f6c_dd1d) { SeededRandom.mix($0 ^ UInt64($1)) }
    }

    /// Whether to take the unlikely path here, this time.
    @inlinable
    public mutating func buggify(_ point: StaticString) -> Bool {
        isOn && fires(point)
    }

    /// Counts a visit to a state that some run must reach.
    @inlinable
    public mutating func sometimes(_ point: StaticString, _ reached: Bool = true) {
        if isOn && reached { visit(point) }
    }

    @usableFromInline
    mutating func fires(_ point: StaticString) -> Bool {
        let index = index(of: point)
        let identity = Self.identity(of: counts[index].name)
        let isActive = only?.contains(identity) ?? SeededRandom.mix(seed ^ identity).isMultiple(of: 4)
        // A function of the point and the visit, so that muting one point does not move the firings of another.
        let draw = SeededRandom.mix(stream ^ identity ^ SeededRandom.mix(counts[index].visits))
        counts[index].visits += 1
        guard isActive, draw.isMultiple(of: 4) else { return false }
        counts[index].firings += 1
        return true
    }

    @usableFromInline
    mutating func visit(_ point: StaticString) {
        counts[index(of: point)].visits += 1
    }

    private mutating func index(of point: StaticString) -> Int {
        let name = String(describing: point)
        if let index = counts.firstIndex(where: { $0.name == name }) { return index }
        counts.append(Count(name: name, visits: 0, firings: 0))
        return counts.count - 1
    }
}
