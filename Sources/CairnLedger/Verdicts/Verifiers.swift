import CairnBase
public import CairnWire

/// What may be asked of a verdict without its receipts: whether its numbers follow from its own seats and from the
/// frozen set of the epoch.
///
/// A profile names one of these; a network whose profile names one that this program lacks cannot be begun. They are pure
/// functions. The judgement of receipts is the voting rule's, and it uses the same names.
public struct Verifiers: Sendable {
    public typealias Arithmetic = @Sendable (Verdict, ProfileRules, any FrozenSet) throws(StateError) -> Bool

    private struct Entry: Sendable {
        let name: String
        let arithmetic: Arithmetic
    }

    private var entries: [Entry] = []

    public static let coverage = "coverage.v1"
    public static let storage = "storage.v1"

    /// What this program brings along.
    public static let standard: Verifiers = {
        var verifiers = Verifiers()
        verifiers.register(coverage) { verdict, rules, frozen throws(StateError) in
            guard case .coverage(let verdict) = verdict else { return false }
            return try CoverageArithmetic(rules: rules).holds(for: verdict, in: frozen)
        }
        verifiers.register(storage) { verdict, rules, frozen throws(StateError) in
            guard case .storage(let verdict) = verdict else { return false }
            return try StorageArithmetic(rules: rules).holds(for: verdict, in: frozen)
        }
        return verifiers
    }()

    public init() {}

    /// Adds a function under a name, or replaces the one there.
    public mutating func register(_ name: String, _ arithmetic: @escaping Arithmetic) {
        entries.removeAll { $0.name == name }
        entries.append(Entry(name: name, arithmetic: arithmetic))
    }

    public func has(_ name: String) -> Bool { self[name] != nil }

    subscript(name: String) -> Arithmetic? { entries.first { $0.name == name }?.arithmetic }
}

/// The resources of an epoch as they were two epochs before, by place.
public protocol FrozenSet {
    /// Nil beyond the last.
    func resource(at place: UInt32) throws(StateError) -> FrozenResource?
}
