/// The rules of the protocol that tests can lift, one at a time, to see what breaks.
///
/// Outside tests every rule is in force: the value cannot be made or changed by other packages, and no configuration
/// reaches it. Each rule is consulted in one place, the one that keeps it.
package struct Rules: OptionSet, Sendable, Hashable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    private init(bit: UInt32) {
        rawValue = 1 << bit
    }

    /// No vote at or below the finalized view.
    package static let floorGuard = Rules(bit: 0)
    /// The certificates a vote rests on are durable before it.
    package static let certificatesBeforeVotes = Rules(bit: 1)
    /// A body is validated before its notarize is recorded.
    package static let validateBeforeRecord = Rules(bit: 2)
    /// A header that names another next committee is not voted for.
    package static let nextCommitteeCheck = Rules(bit: 3)
    /// The randomness a block starts from is its parent's.
    package static let randomnessChain = Rules(bit: 4)
    /// Every view between a block and its parent is nullified.
    package static let ancestry = Rules(bit: 5)
    /// One notarize per view.
    package static let notarizeOnce = Rules(bit: 6)
    /// No finalize after an own nullify.
    package static let noFinalizeAfterNullify = Rules(bit: 7)
    /// No nullify after an own finalize.
    package static let noNullifyAfterFinalize = Rules(bit: 8)
    /// Votes weigh what their voters' stake weighs.
    package static let weighByStake = Rules(bit: 9)
    /// An own vote counts only once it is durable.
    package static let persistBeforeCount = Rules(bit: 10)
    /// Own votes found in the log are counted again.
    package static let recountOwnVotes = Rules(bit: 11)
    /// The flags of own votes outlive a restart and stay above the floor.
    package static let keepOwnFlags = Rules(bit: 12)
    /// Unsettled votes are sent again.
    package static let retry = Rules(bit: 13)
    /// The certificate that skips a view goes to the next leader at once.
    package static let tellNextLeader = Rules(bit: 14)
    /// Missing certificates are asked of everyone.
    package static let pullFromEveryone = Rules(bit: 15)
    /// The block an epoch starts from, and any finalized block, counts as notarized.
    package static let finalizedCountsAsNotarized = Rules(bit: 16)
    /// An own vote that the log does not know ends the validator.
    package static let stopOnForeignVote = Rules(bit: 17)
    /// Others' votes are kept in a window around the current view only.
    package static let boundedWindow = Rules(bit: 18)
    /// Delays grow while views fail and stop growing at their cap.
    package static let adaptiveDelay = Rules(bit: 19)
    /// A restarted validator asks before it votes.
    package static let askBeforeVoting = Rules(bit: 20)
    /// The leader's own nullify ends its view for everyone in it.
    package static let followLeaderNullify = Rules(bit: 21)
    /// Heights above an epoch's last carry no payload and are not committed.
    package static let epochEnds = Rules(bit: 22)

    /// A vote that comes again counts once.
    package static let countOnce = Rules(bit: 23)

    /// Certificates of every kind are archived, not only those that make blocks final.
    package static let archiveEverything = Rules(bit: 24)

    /// A header that names another state for the epoch to start from is not voted for.
    package static let startStateCheck = Rules(bit: 25)

    package static let all = Rules(rawValue: 1 << 26 - 1)

    package func lifting(_ rule: Rules) -> Rules { subtracting(rule) }

    /// The rules by the names that a command line gives them.
    package static let named: [(name: String, rule: Rules)] = [
        ("floor-guard", .floorGuard), ("certificates-before-votes", .certificatesBeforeVotes),
        ("validate-before-record", .validateBeforeRecord), ("next-committee-check", .nextCommitteeCheck),
        ("randomness-chain", .randomnessChain), ("ancestry", .ancestry), ("notarize-once", .notarizeOnce),
        ("no-finalize-after-nullify", .noFinalizeAfterNullify),
        // A second line: with the certificates in the log, a view that was finalized is one that was left.
        ("no-nullify-after-finalize", [.noNullifyAfterFinalize, .certificatesBeforeVotes]),
        ("weigh-by-stake", .weighByStake),
        ("persist-before-count", .persistBeforeCount), ("recount-own-votes", .recountOwnVotes),
        ("keep-own-flags", .keepOwnFlags), ("retry", .retry), ("tell-next-leader", .tellNextLeader),
        ("pull-from-everyone", .pullFromEveryone), ("finalized-counts-as-notarized", .finalizedCountsAsNotarized),
        ("stop-on-foreign-vote", .stopOnForeignVote), ("bounded-window", .boundedWindow),
        ("adaptive-delay", .adaptiveDelay), ("ask-before-voting", .askBeforeVoting),
        ("follow-leader-nullify", .followLeaderNullify), ("epoch-ends", .epochEnds),
        ("count-once", .countOnce), ("archive-everything", .archiveEverything),
        ("start-state-check", .startStateCheck),
    ]
}
