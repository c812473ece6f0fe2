/// The size of everything a peer can make this core hold, read or answer.
public enum ConsensusLimits {
    public static let committeeMembers = 256
    /// The payload a block carries inline.
    public static let payloadBytes = 256 * 1024
    /// Others' votes are kept this many views back (and two ahead of the current one).
    public static let viewsBehind: UInt64 = 32
    public static let viewsAhead: UInt64 = 2
    /// Votes in one message: the newest and those of the sender that are still unsettled.
    public static let votesPerMessage = 16
    /// A proposal up to this size fits into one datagram, and is said twice.
    public static let echoedProposalBytes = 1_024
    public static let certificatesPerMessage = 256
    public static let certificatesPerProposal = 4
    /// Certificates asked for, and given, at once.
    public static let viewsPerRequest: UInt64 = 1024
    public static let replyBytes = 1 << 20
    /// Requests of non-members answered within one delay.
    public static let repliesToStrangers = 8
    /// Blocks a core fetches one by one; a wider gap is the synchroniser's work.
    public static let blocksFetchedInline: UInt64 = 8
    /// Headers between a block and the finalization that proves it.
    public static let headersPerProof = 64
    /// The longest message: a proposal with its certificates.
    public static let messageBytes = 1 << 20
}
