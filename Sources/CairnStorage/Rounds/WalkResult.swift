/// How one witness's walk went.
public enum WalkResult: UInt8, Sendable, Hashable, CaseIterable {
    case good = 0
    case lateOrSilent = 1
    case badLeafOrPath = 2
    case fullCheckUnanswered = 3
    case fullCheckWrong = 4
}
