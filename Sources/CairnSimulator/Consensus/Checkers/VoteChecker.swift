import CairnBase
import CairnConsensus

/// What honest validators sign, over all their lives.
///
/// S5: at most one notarize per view, never nullify with finalize, finalize only with the notarization at hand.
/// S6: what is signed again after a crash is byte for byte what was signed before. S7: the floor never falls within a
/// life, and nothing is signed at or below it. S11: nothing is signed in an epoch before the last block of the one before
/// is final, and everyone enters an epoch with the same committee.
struct VoteChecker: Sendable {
    private var book = VoteBook()
    private var notarizations = OrderedMap<Digest, Bool>()
    private var floors = OrderedMap<ProcessID, ChainPosition>()
    private var committees = OrderedMap<Epoch, Digest>()
    private var highest = Height(0)

    mutating func archived(_ certificate: VerifiedCertificate) {
        if certificate.kind == .notarize { notarizations[certificate.block] = true }
    }

    mutating func committed(_ blocks: [Block]) {
        if let last = blocks.last { highest = max(highest, last.header.height) }
    }

    mutating func signed(
        _ vote: Vote, of body: Payload?, by process: ProcessID, in world: ConsensusWorld
    ) -> Violation? {
        let statement = vote.statement
        let place = "\(process) in epoch \(statement.epoch) view \(statement.view)"
        if highest.number < statement.epoch.number * world.parameters.epochLength {
            return Violation("S11 early vote", "\(place): the epoch before is not final")
        }
        if let contradiction = book.add(statement, by: process) {
            return Violation("S5 \(contradiction.rawValue)", place)
        }
        if statement.kind == .notarize, let body, !world.isValid(body) {
            return Violation("S13 body", "\(place): it does not validate")
        }
        if statement.kind == .finalize, notarizations[statement.block] == nil {
            return Violation("S5 finalize without notarization", place)
        }
        return nil
    }

    mutating func moved(to position: ChainPosition, _ process: ProcessID) -> Violation? {
        defer { floors[process] = position }
        guard let last = floors[process], last.epoch == position.epoch, position.floor < last.floor else { return nil }
        return Violation("S7 floor", "\(process) fell from view \(last.floor) to \(position.floor)")
    }

    mutating func began(_ epoch: Epoch, committee: Digest, _ process: ProcessID) -> Violation? {
        if let known = committees[epoch], known != committee {
            return Violation("S11 committee", "\(process) entered epoch \(epoch) with another committee")
        }
        committees[epoch] = committee
        return nil
    }

    mutating func restarted(_ process: ProcessID) {
        floors[process] = nil
    }
}
