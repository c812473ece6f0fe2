/// What the process tells the shell that started it. The numbers are a contract with scripts and never change.
public enum ExitCode: Int32, CaseIterable, Sendable {
    case ok = 0
    case failed = 1
    case usage = 2
    case unreachable = 3
    case unhealthy = 4
    case notFound = 5
    case refused = 6
    case locked = 7
    case timedOut = 8
    case conflict = 9
    case damaged = 10
    case safetyStop = 11
    case upgradeNeeded = 12
    case interrupted = 130

    var meaning: String {
        switch self {
        case .ok: "done"
        case .failed: "failed, for a reason that the error names"
        case .usage: "the command line or the configuration is wrong; nothing was done"
        case .unreachable: "no node could be reached"
        case .unhealthy: "the node answers but is not healthy"
        case .notFound: "the named thing does not exist"
        case .refused: "refused by the rules of the network, with the reason"
        case .locked: "a passphrase or a permission is needed"
        case .timedOut: "gave up waiting"
        case .conflict: "something is in the way: locked, already there, would be overwritten"
        case .damaged: "data is damaged or could not be written durably"
        case .safetyStop: "stopped to be safe: the double-sign guard"
        case .upgradeNeeded: "the network needs a newer program from here on"
        case .interrupted: "interrupted from the keyboard"
        }
    }
}
