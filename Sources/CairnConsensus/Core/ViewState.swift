import CairnBase

/// What is known of one view above the floor.
struct ViewState: Sendable, Equatable {
    /// The first proposal of the view's leader. A second one is only a contradicting vote.
    var proposal: Candidate?
    var own = OwnVotes()
    var notarization: VerifiedCertificate?
    var nullification: VerifiedCertificate?
    /// Others' votes, and ours; absent outside the window around the current view.
    var tally: Tally?
    /// What of this view the sign log already holds, or will before any later record.
    var logged = Logged()

    struct Candidate: Sendable, Equatable {
        enum Check: Sendable, Equatable { case waiting, asked, valid, invalid }

        let digest: Digest
        var check = Check.waiting
    }

    struct Logged: Sendable, Equatable {
        var notarization = false
        var nullification = false
    }
}

/// What this validator has decided in a view, from the moment it decides: whether the vote is durable yet or not, no
/// other may follow that contradicts it.
struct OwnVotes: Sendable, Equatable {
    var notarize: Digest?
    var hasNullified = false
    var finalize: Digest?
    /// Those that may be sent.
    var durable: [DurableVote] = []

    func holds(_ statement: VoteStatement) -> Bool {
        switch statement.kind {
        case .notarize: notarize == statement.block
        case .nullify: hasNullified
        case .finalize: finalize == statement.block
        }
    }

    mutating func set(_ statement: VoteStatement) {
        switch statement.kind {
        case .notarize: notarize = statement.block
        case .nullify: hasNullified = true
        case .finalize: finalize = statement.block
        }
    }
}

/// A block that is in the running or final: at least its header.
struct KnownBlock: Sendable, Equatable {
    let digest: Digest
    let header: Header
    /// Dropped from memory when the view is far behind; then it is fetched again, from our own store first.
    var payload: Payload?
    /// R after this block.
    let randomness: Digest
    let seenAt: Instant
    var isLogged = false
}

/// What a block can be built upon: the notarized block of a view, or the one the floor stands on.
struct Parent: Sendable, Equatable {
    let view: View
    let block: Digest
    let height: Height
    let time: UInt64
    let randomness: Digest
    let seenAt: Instant
}
