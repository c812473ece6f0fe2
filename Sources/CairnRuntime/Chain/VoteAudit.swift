public import CairnBase
import CairnConsensus
import CairnCrypto
public import CairnLedger
public import CairnStore
import CairnWire

/// Looks for votes that contradict each other in everything that validators have signed: their sign logs, read while
/// they do not run, and the certificates of the chain.
///
/// For networks whose committee stays the founders', as a local testnet's does.
public struct VoteAudit {
    /// Distinct votes seen.
    public private(set) var voteCount = 0
    /// A sentence for each contradiction.
    public private(set) var contradictions: [String] = []

    private let seats: CairnConsensus.Committee
    private var votes: [Slot: [Vote]] = [:]

    private struct Slot: Hashable {
        let voter: MemberIndex
        let epoch: Epoch
        let view: View
    }

    /// Nil when the founders are no committee.
    public init?(_ genesis: Genesis) {
        let founders = genesis.validators.map { founder in
            CairnConsensus.Validator(
                key: founder.keys.vote, node: founder.keys.node, randomnessKey: founder.keys.randomness,
                weight: founder.bond.units)
        }
        guard let seats = try? CairnConsensus.Committee(founders) else { return nil }
        self.seats = seats
    }

    /// Takes in what the newest segment of a validator's log holds.
    public mutating func read(signLogIn directory: String, of key: PublicKey) throws(SignLogError) {
        guard let seat = seats.index(of: key) else { return }
        let entries = try SignLog.history(directory: directory)
        let recovered: Recovered
        do {
            recovered = try SignRecords.recovered(entries, seat: seat)
        } catch {
            throw .lost(.record(segment: 0))
        }
        for vote in recovered.votes { note(vote) }
    }

    /// Takes in the finalizations that a store keeps, from a height on.
    public mutating func read(certificatesIn store: ChainStore, from first: Height) throws(StoreError) {
        var height = max(first, Height(1))
        while let block = try store.block(at: height) {
            height = height.next
            guard let certificate = block.proof?.finalization else { continue }
            for vote in certificate.votes(of: certificate.statement(using: Blake2b())) { note(vote) }
        }
    }

    private mutating func note(_ vote: Vote) {
        let slot = Slot(voter: vote.voter, epoch: vote.statement.epoch, view: vote.statement.view)
        let known = votes[slot, default: []]
        guard !known.contains(where: { $0.statement == vote.statement }) else { return }
        for other in known {
            guard let evidence = Evidence(other, vote) else { continue }
            contradictions.append(
                "validator \(vote.voter.number), epoch \(slot.epoch), view \(slot.view): \(evidence.offence)")
        }
        votes[slot, default: []].append(vote)
        voteCount += 1
    }
}
