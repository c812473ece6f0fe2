import CairnBase
import CairnLedger
import CairnWire

extension Action {
    /// What a transaction wants, in one line.
    var words: String {
        switch self {
        case .transfer(let to, let amount): "transfer \(amount) to \(to.text)"
        case .bond(let amount): "bond \(amount)"
        case .unbond(let amount): "unbond \(amount)"
        case .withdraw: "withdraw what is free"
        case .apply(let candidacy): "become a candidate with node \(candidacy.keys.node.peerID)"
        case .resign: "leave the list of candidates"
        case .rotate(let key): "let key \(key) sign from later on"
        case .accuse(let contradiction): "accuse vote key \(contradiction.key) of epoch \(contradiction.epoch)"
        case .register(let registration):
            "register a resource of \(registration.offer.profile.name), device \(registration.offer.device)"
        case .move(let id, _): "move resource \(id)"
        case .retire(let id): "retire resource \(id)"
        case .back(let id, let amount): "back resource \(id) with \(amount)"
        case .unback(let id, let amount): "take \(amount) from behind resource \(id)"
        case .propose(let change): "propose \(change.words)"
        case .vote(let number, let isYes): "vote \(isYes ? "yes" : "no") on proposal \(number)"
        case .open(let order): "order an object of \(order.shards) shards in \(order.profile.name) for \(order.deposit)"
        case .topUp(let id, let amount): "add \(amount) to object \(id)"
        case .close(let id): "close object \(id)"
        case .hold(let id, let shard): "say that shard \(shard) of object \(id) is there"
        case .miss(let id, let shard): "say that shard \(shard) of object \(id) is gone"
        case .seal(let claim): "say what lies in partition \(claim.partition) of resource \(claim.resource)"
        }
    }
}

extension ProposedChange {
    var words: String {
        switch self {
        case .parameter(let parameter, let value): "\(parameter.name) = \(value)"
        case .share(let profile, let ppm): "share of \(profile.name) = \(ppm) ppm"
        case .version(let version, let height): "rules \(version) from block \(height)"
        }
    }
}

extension Outcome {
    /// Why a transaction ended so, and what to do about it, as the end of a sentence.
    var meaning: String {
        switch self {
        case .applied: "it was carried out"
        case .wrongChain: "it was signed for another network"
        case .expired: "its last height was over; sign it again"
        case .unknownSender: "the account owns nothing yet"
        case .wrongKey: "another key signs for this account"
        case .nonceUsed: "a transaction with this number was carried out before"
        case .nonceAhead: "one with a smaller number is missing"
        case .feeTooLow: "the network wants a higher fee; cairn params shows feeMin"
        case .feeUnpayable: "the account owns less than the fee"
        case .notAHolder: "the sender is no device that holds a shard of the object"
        case .nothingNew: "the chain knows that already"
        case .zeroAmount: "the amount is zero"
        case .selfTransfer: "sender and receiver are one"
        case .insufficientBalance: "the account owns less than that"
        case .bondTooSmall: "less than that is bonded"
        case .tooManyUnbondings: "\(Stake.unbondingMax) withdrawals are under way; withdraw those that are free"
        case .nothingToWithdraw: "nothing is free yet"
        case .bondBelowMinimum: "a candidate needs more bonded; cairn params shows candidateBondMin"
        case .voteKeyTaken: "the vote key belongs to another account, for ever"
        case .tooManyCandidates: "the list of candidates is full"
        case .notACandidate: "the account is not on the list of candidates"
        case .sameKey: "this key signs already"
        case .notInCommittee: "the accused key was not in that committee"
        case .evidenceTooOld: "the bond is no longer liable for that epoch"
        case .evidenceFromTheFuture: "that epoch has not begun"
        case .alreadyPunished: "the key was punished for that epoch"
        case .selfAccusation: "nobody is paid for accusing himself"
        case .unknownResource: "there is no such resource"
        case .notTheController: "the resource is another account's"
        case .notTheStakeRoot: "another account is the resource's backer"
        case .resourceRetired: "the resource has retired"
        case .deviceTaken: "the device key belongs to another resource, for ever"
        case .radioTaken: "the radio's number belongs to another resource, for ever"
        case .tooManyResources: "no more resources can be registered"
        case .unknownPartition:
            "no whole partition of that number lies in the room of a sealed resource, or the one before it is not claimed"
        case .changeOutOfBounds: "the value is out of its bounds, or no vote may change it; cairn params shows both"
        case .tooManyProposals: "\(OpenProposals.openMax) proposals are open"
        case .unknownProposal: "there is no such proposal"
        case .votingOver: "the vote is over"
        case .alreadyVoted: "the account has voted"
        case .noVote: "the account had nothing bonded when the proposal's period began, or has nothing bonded now"
        case .depositTooSmall: "the deposit is less than one epoch costs"
        case .tooManyObjects: "no more objects can be ordered"
        case .unknownObject: "there is no such object"
        case .notTheOwner: "the object is another account's"
        case .objectClosed: "the object is closed"
        case .objectTooYoung: "an object cannot be closed in the epoch in which it was ordered"
        case .notSold: "objects of this service are not sold: nothing could show that they are held"
        case .priceTooLow: "the price is below spacePriceMin for each MiB of a shard and epoch"
        }
    }
}

extension VerdictOutcome {
    /// Why a block skipped a verdict.
    var meaning: String {
        switch self {
        case .adopted: "it counts"
        case .outOfOrder: "it stands before one that goes first"
        case .tooEarly: "its challenge was not over"
        case .tooLate: "its window was over"
        case .alreadyJudged: "the challenge has a verdict"
        case .unknownTarget: "nobody had that place in that epoch"
        case .unknownWitness: "a witness has no place in that epoch, or may not witness this"
        case .wrongKind: "it is not the kind of challenge of that service"
        case .wrongArithmetic: "its numbers do not follow from its seats"
        case .epochSettled: "its epoch was paid already"
        case .unknownVerifier: "this program lacks the service's verifier"
        case .tooManyVerdicts: "there is no more room for that height"
        }
    }
}
