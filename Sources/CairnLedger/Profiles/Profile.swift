/// The service a resource is offered under. Numbers are on the wire and stable; what a number means on one network is
/// chain data, `ProfileRules`.
public enum Profile: UInt16, Sendable, CaseIterable {
    case coverageRadio = 1
    case coverageRTT = 2
    case storageHot = 3
    case storageSealed = 4

    /// In genesis files, in the API and on the command line.
    public var name: String {
        switch self {
        case .coverageRadio: "coverage.radio"
        case .coverageRTT: "coverage.rtt"
        case .storageHot: "storage.hot"
        case .storageSealed: "storage.sealed"
        }
    }

    public init?(name: String) {
        guard let profile = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = profile
    }

    /// Whether what is offered is so many units of space.
    public var hasCapacity: Bool { self == .storageHot || self == .storageSealed }

    /// Whether owners of objects may order from it. What lies in sealed units is filler as yet: a round shows space, and
    /// would show nothing of an object.
    public var isSold: Bool { self == .storageHot }
}
