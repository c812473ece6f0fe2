/// How one witness's question to a provider went.
public enum WalkResult: UInt8, Sendable, Hashable, CaseIterable {
    case good = 0
    case lateOrSilent = 1
    case badLeaf = 2
    case fullCheckUnanswered = 3
    case fullCheckWrong = 4
    /// What was shown is no part of what was asked for, whatever its leaves are.
    case badPath = 5
}
