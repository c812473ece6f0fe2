import CairnBase
import CairnCrypto
import CairnSimulator
import Testing

@testable import CairnConsensus

/// A committee whose every key is at hand, and the objects it can sign.
struct Bench {
    let hash = Blake2b()
    let keys = KeyedHashScheme(seed: 1)
    let chain: ChainID
    let plan: EpochPlan
    let verifier: MessageVerifier<Blake2b, KeyedHashScheme>
    let seed: Digest

    init(weights: [UInt64] = [1, 1, 1, 1], epoch: UInt64 = 0, nextCommittee: Digest? = nil) throws {
        let hash = self.hash
        func id(_ label: String, _ index: Int) -> Bytes32 {
            hash.digest(DomainTag("test/id"), Array("\(label)-\(index)".utf8)).raw
        }
        chain = ChainID(id("chain", 0))
        let keys = self.keys
        let unsorted = weights.indices.map {
            Validator(
                key: keys.signingKey($0).publicKey, node: NodeID(id("node", $0)),
                randomnessKey: VRFPublicKey(id("vrf", $0)), weight: 1)
        }
        // Seats are numbered in the order of their keys; weights are given by seat.
        let seats = unsorted.sorted { $0.key < $1.key }.enumerated().map { index, seat in
            Validator(key: seat.key, node: seat.node, randomnessKey: seat.randomnessKey, weight: weights[index])
        }
        let committee = try Committee(seats)
        let origin = Randomness.origin(of: chain, using: hash)
        plan = EpochPlan(
            epoch: Epoch(epoch), committee: committee, nextCommittee: nextCommittee ?? committee.hash(using: hash),
            startState: Digest(id("state", 0)), middle: origin,
            anchor: Anchor(block: Digest(id("anchor", 0)), height: Height(0), time: 1_000, randomness: origin))
        verifier = MessageVerifier(
            chain: chain, hash: hash, cryptography: keys,
            epochs: [.init(epoch: plan.epoch, committee: committee)])
        seed = Randomness.seed(chain: chain, epoch: plan.epoch, middle: origin, using: hash)
    }

    var committee: Committee { plan.committee }
    func seat(_ index: Int) -> Validator { committee.members[index] }
    func leader(_ view: UInt64) -> Int { Int(committee.leader(of: View(view), seed: seed, using: hash).number) }

    /// A view from `first` on that `seat` leads, or does not.
    func view(ledBy seat: Int, from first: UInt64 = 1) -> UInt64 {
        var view = first
        while leader(view) != seat { view += 1 }
        return view
    }

    func core(
        _ seat: Int?, rules: Rules = .all, pace: TimeSpan = .zero, epochLength: UInt64 = 600
    ) -> Consensus<Blake2b> {
        Consensus(
            chain: chain, key: seat.map { committee.members[$0].key }, plan: plan,
            parameters: ConsensusParameters(pace: pace, epochLength: epochLength), hash: hash, rules: rules)
    }

    func vote(_ kind: VoteKind, _ view: UInt64, _ block: Digest = .zero, by seat: Int) -> Vote {
        let statement = VoteStatement(epoch: plan.epoch, view: View(view), kind: kind, block: block)
        return sign(statement, by: seat)
    }

    func sign(_ statement: VoteStatement, by seat: Int) -> Vote {
        Vote(
            statement: statement, voter: MemberIndex(UInt16(seat)),
            signature: sign(statement.signedBytes(chain: chain), as: seat))
    }

    func sign(_ message: [UInt8], as seat: Int) -> Signature {
        let key = committee.members[seat].key
        let holder = (0..<committee.count).map(keys.signingKey).first { $0.publicKey == key }
        return holder?.sign(message) ?? Signature(r: .zero, s: .zero)
    }

    /// A block of `view` by its true leader. Its parent is another block, or where the epoch starts.
    func block(
        _ view: UInt64, on parent: Block? = nil, payload: [UInt8] = [], time: UInt64? = nil,
        nextCommittee: Digest? = nil, startState: Digest? = nil, randomness: Digest? = nil, leader: Int? = nil
    ) -> Block {
        let height = Height((parent?.header.height.number ?? plan.anchor.height.number) + 1)
        let previous =
            randomness ?? parent?.header.randomness.next(using: hash) ?? plan.anchor.randomness
        let leader = leader ?? self.leader(view)
        let input = Randomness.input(chain: chain, height: height, previous: previous, using: hash)
        let (output, proof) = keys.prove(input, as: committee.members[leader].randomnessKey)
        let payload = Payload(bytes: payload)
        let header = Header(
            chain: chain, epoch: plan.epoch, view: View(view), height: height,
            parent: parent.map(digest) ?? plan.anchor.block, parentView: parent?.header.view ?? View(0),
            payload: payload.reference(using: hash),
            time: time ?? ((parent?.header.time ?? plan.anchor.time) + 1), leader: MemberIndex(UInt16(leader)),
            nextCommittee: nextCommittee ?? plan.nextCommittee, startState: startState ?? plan.startState,
            randomness: RandomnessStep(previous: previous, output: output, proof: proof))
        return Block(header: header, payload: payload)
    }

    func digest(_ block: Block) -> Digest { block.header.digest(using: hash) }

    func proposal(_ block: Block, certificates: [Certificate] = []) -> Proposal {
        let view = block.header.view.number
        let vote = vote(.notarize, view, digest(block), by: Int(block.header.leader.number))
        return Proposal(block: block, signature: vote.signature, certificates: certificates)
    }

    func certificate(_ subject: Certificate.Subject, by seats: [Int]) -> Certificate {
        let draft = Certificate(subject: subject, signers: SignerSet([], of: committee.count), signatures: [])
        let statement = draft.statement(using: hash)
        let seats = seats.sorted()
        return Certificate(
            subject: subject, signers: SignerSet(seats.map { MemberIndex(UInt16($0)) }, of: committee.count),
            signatures: seats.map { sign(statement, by: $0).signature })
    }

    func notarization(_ block: Block, by seats: [Int] = [0, 1, 2]) -> Certificate {
        certificate(.notarization(block.header), by: seats)
    }

    func finalization(_ block: Block, by seats: [Int] = [0, 1, 2]) -> Certificate {
        certificate(.finalization(block.header), by: seats)
    }

    func nullification(_ view: UInt64, by seats: [Int] = [0, 1, 2]) -> Certificate {
        certificate(.nullification(plan.epoch, View(view)), by: seats)
    }
}
