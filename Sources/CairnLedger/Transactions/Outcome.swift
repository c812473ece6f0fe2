public import CairnBase

/// How a transaction ended. Numbers are stable: receipts, the API and the command line show them.
///
/// Below 100 the transaction was not taken: nothing changed, no fee was paid, the nonce is free. From 100 on it was
/// taken and failed: the fee is paid and the nonce used, and nothing else changed.
public enum Outcome: UInt16, Sendable, CaseIterable {
    case applied = 0

    case wrongChain = 1
    case expired = 2
    case unknownSender = 3
    case wrongKey = 4
    case nonceUsed = 5
    case nonceAhead = 6
    case feeTooLow = 7
    case feeUnpayable = 8
    case notAHolder = 9
    case nothingNew = 10

    case zeroAmount = 100
    case selfTransfer = 101
    case insufficientBalance = 102

    case bondTooSmall = 110
    case tooManyUnbondings = 111
    case nothingToWithdraw = 112

    case bondBelowMinimum = 120
    case voteKeyTaken = 121
    case tooManyCandidates = 122
    case notACandidate = 123
    case sameKey = 124

    case notInCommittee = 130
    case evidenceTooOld = 131
    case evidenceFromTheFuture = 132
    case alreadyPunished = 133
    case selfAccusation = 134

    case unknownResource = 140
    case notTheController = 141
    case notTheStakeRoot = 142
    case resourceRetired = 143
    case deviceTaken = 144
    case radioTaken = 145
    case tooManyResources = 146
    case unknownPartition = 147

    case changeOutOfBounds = 150
    case tooManyProposals = 151
    case unknownProposal = 152
    case votingOver = 153
    case alreadyVoted = 154
    case noVote = 155

    case depositTooSmall = 160
    case tooManyObjects = 161
    case unknownObject = 162
    case notTheOwner = 163
    case objectClosed = 164
    case objectTooYoung = 165
    case notSold = 166
    case priceTooLow = 167

    /// Whether the transaction paid its fee and used its nonce.
    public var isTaken: Bool { self == .applied || rawValue >= 100 }
}

/// What the chain remembers about one transaction of a block.
public struct Receipt: Sendable, Equatable {
    public let transaction: Digest
    public let outcome: Outcome
    public let fee: Amount

    public init(transaction: Digest, outcome: Outcome, fee: Amount) {
        self.transaction = transaction
        self.outcome = outcome
        self.fee = fee
    }
}
