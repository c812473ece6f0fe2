public import CairnBase
public import CairnWire

/// What a judge is told.
public enum JudgeInput: Sendable {
    /// The view of an epoch, before its first challenge.
    case view(CoverageView)
    /// The chain has a new newest block with this random value; these verdicts are in it.
    case block(Height, randomness: Digest, adopted: [CoverageVerdict])
    /// The blocks so far were read from disk or fetched: their messages were missed.
    case resumed
    case commit(Verified<Commit>)
    /// A beaconer's proof, with the output that the edge found it to prove.
    case beacon(Verified<BeaconReveal>, output: Digest)
    case reveals([VouchedReveal])
    /// The receipts under the root of somebody else's verdict.
    case fetched(WantedReceipts, [VouchedReveal])
}

/// What a judge wants done.
public enum JudgeEffect: Sendable, Equatable {
    /// Two commits that must not both exist.
    case accuse(Commit, Commit)
    /// The window of a challenge is over: what was received goes where appeals and questions find it.
    case archive(ArchivedCase)
}

/// Why something that arrived was not kept. Each is counted.
public enum JudgeRefusal: Int, Sendable, CaseIterable {
    case unknownChallenge, unknownSigner, notEligible, tooEarly, tooLate, repeated, quota, noRoom, notCommitted
    case notInBatch, otherRoot
}

/// Why a validator does not vote for a block with these verdicts.
public enum VerdictFault: Error, Sendable, Equatable {
    /// Not in the order of challenges, or twice.
    case order(VerdictPlace)
    case notInWindow(VerdictPlace)
    case alreadyAdopted(VerdictPlace)
    /// The lottery did not hit this resource at this height, or the epoch's view is not known.
    case notChallenged(VerdictPlace)
    /// It says that the beacon was never proven; it was.
    case beaconWasProven(VerdictPlace)
    /// A true receipt that this validator had in time is left out.
    case omits(VerdictPlace, witness: UInt32)
    /// A receipt under the root is not true, or was not committed to in time.
    case untrueReceipt(VerdictPlace, witness: UInt32)
    /// The same receipts give another verdict.
    case wrongScore(VerdictPlace)
    /// More units, seats or reasons than any receipts could give.
    case arithmetic(VerdictPlace)
}

/// What a validator thinks of the verdicts of a block.
public enum VerdictCheck: Sendable, Equatable {
    case agreed
    /// The receipts of these challenges, under these roots, are needed first.
    case needs([WantedReceipts])
    case refused(VerdictFault)
}

extension VerdictCheck {
    /// Of the verdicts of one kind in a block: no more than it may carry, each behind the one before, each judged by itself.
    init<Value>(
        _ verdicts: [Value], as verdict: (Value) -> Verdict, limit: Int,
        _ judge: (Value, VerdictPlace) throws(VerdictFault) -> WantedReceipts?
    ) {
        var wanted: [WantedReceipts] = []
        var last: VerdictPlace?
        if verdicts.count > limit {
            self = .refused(.arithmetic(verdict(verdicts[limit]).place))
            return
        }
        for value in verdicts {
            let place = verdict(value).place
            do throws(VerdictFault) {
                if let last, last >= place { throw .order(place) }
                if let want = try judge(value, place) { wanted.append(want) }
            } catch {
                self = .refused(error)
                return
            }
            last = place
        }
        self = wanted.isEmpty ? .agreed : .needs(wanted)
    }
}

public struct WantedReceipts: Sendable, Hashable, Comparable {
    public let challenge: Digest
    public let root: Digest

    public init(challenge: Digest, root: Digest) {
        self.challenge = challenge
        self.root = root
    }

    public static func < (left: WantedReceipts, right: WantedReceipts) -> Bool {
        (left.challenge, left.root) < (right.challenge, right.root)
    }
}

/// A finished case as it is kept until nobody can appeal any more.
public struct ArchivedCase: Sendable, Equatable {
    public let challenge: Digest
    public let height: Height
    public let target: UInt32
    public let reveals: [EndorsedReveal]
    public let reports: OrderedMap<UInt32, Reasons>
}
