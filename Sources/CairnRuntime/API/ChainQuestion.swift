/// A question about the chain that a node passes on to whoever can answer it from the database: the same one that the
/// command line asks beside the node.
public struct ChainQuestion: Sendable {
    /// `rewards.list`
    public let name: String
    /// `/v1/rewards/list`
    public let path: String
    public let summary: String
    public let parameters: [HTTPParameter]
    /// Reads what it needs, blocking; called on the desk's thread.
    public let answer: @Sendable (_ values: [String: String]) -> HTTPResponse

    public init(
        _ name: String, at path: String, taking parameters: [HTTPParameter], _ summary: String,
        answer: @escaping @Sendable ([String: String]) -> HTTPResponse
    ) {
        self.name = name
        self.path = path
        self.parameters = parameters
        self.summary = summary
        self.answer = answer
    }
}
