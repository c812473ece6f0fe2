public import CairnBase

/// One injected fault, named so that the same fault can be injected again, or left out, in another run of the seed.
///
/// A message fault is named by sender, receiver and the message (`MessageNames`); a disk fault by process and request; a
/// planned one by its place in the plan. Whether a fault strikes is a function of the seed and
/// of this name alone, so leaving one out does not move the others.
public struct Fault: Sendable, Hashable, Comparable, CustomStringConvertible {
    public let kind: FaultKind
    public let process: UInt32
    public let peer: UInt32
    public let number: UInt64

    public init(_ kind: FaultKind, process: ProcessID, peer: ProcessID = ProcessID(0), number: UInt64) {
        self.kind = kind
        self.process = UInt32(truncatingIfNeeded: process.index)
        self.peer = UInt32(truncatingIfNeeded: peer.index)
        self.number = number
    }

    /// Reads what `description` writes: `lost:0:2:117`.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 4, let kind = FaultKind.allCases.first(where: { $0.name == parts[0] }),
            let process = UInt32(parts[1]), let peer = UInt32(parts[2]), let number = UInt64(parts[3])
        else { return nil }
        self.init(
            kind, process: ProcessID(Int(process)), peer: ProcessID(Int(peer)), number: number)
    }

    public var description: String { "\(kind.name):\(process):\(peer):\(number)" }

    public static func < (left: Fault, right: Fault) -> Bool {
        (left.kind.rawValue, left.process, left.peer, left.number)
            < (right.kind.rawValue, right.process, right.peer, right.number)
    }
}

public enum FaultKind: UInt8, CaseIterable, Sendable, Hashable {
    case lost, duplicated, reordered
    case partition, clogIn, clogOut, throttle
    case kill, powerLoss, pause
    /// A crash between two effects: before or after a write, a sync or a send.
    case killAtBoundary, powerLossAtBoundary
    case writeError, diskFull, syncError, diskStall, tornSector, bitRot
    /// For a while every write finds the disk full, or every sync fails.
    case fullSpell, errorSpell
    case clockLeap, clockStep
    /// A `buggify` point that was allowed to fire.
    case point

    public var name: String { String(describing: self) }
}

/// A fault that did strike, for the report.
public struct InjectedFault: Sendable, Hashable, CustomStringConvertible {
    public let fault: Fault
    public let at: Instant
    public let detail: String

    public var description: String {
        let time = "\(at.nanoseconds / 1_000_000)"
        return "\(String(repeating: " ", count: max(0, 7 - time.count)))\(time) ms  \(fault)  \(detail)"
    }
}

/// Which faults a run may inject.
public enum FaultSelection: Sendable, Equatable {
    /// Whatever the seed says.
    case all
    /// Exactly these; a shrinker's or a replay's choice.
    case only(Set<Fault>)

    public static let none = FaultSelection.only([])
}
