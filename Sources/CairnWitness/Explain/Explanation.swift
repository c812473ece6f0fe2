public import CairnWire

/// What a reason means to the owner of a resource: what happened, and what would have changed it.
public struct Explanation: Sendable, Hashable {
    public let reason: Reason
    /// Stable, for programs.
    public let code: String
    public let happened: String
    public let remedy: String

    init(_ reason: Reason, _ code: String, _ happened: String, _ remedy: String) {
        self.reason = reason
        self.code = code
        self.happened = happened
        self.remedy = remedy
    }

    public var json: JSON {
        .object([
            JSON.Member("reason", JSON(reason.rawValue)), JSON.Member("code", .string(code)),
            JSON.Member("happened", .string(happened)), JSON.Member("remedy", .string(remedy)),
        ])
    }

    /// The words for a reason; nil for one that no verdict gives yet.
    public static func of(_ reason: Reason) -> Explanation? { (coverage + storage).first { $0.reason == reason } }

    /// The words for the absence of all reasons.
    public static let fine = (code: "OK", happened: "Everything was as it should be.")
}
