import CairnBase
import CairnConsensus
import CairnCrypto
import CairnLedger
import CairnNode
import CairnStorage
import CairnWire
import CairnWitness
import Testing

/// Eleven providers of which eight hold the shards of a paid object, four validators that hear of receipts at different
/// moments, and the real ledger below: whoever lies, lies by a seed.
struct AuditedTown {
    /// How a provider answers its witnesses.
    enum Manner: Sendable {
        case honest
        /// It has dropped its pieces.
        case empty
        /// It answers after the five seconds.
        case slow
        /// It shows the piece of another holder.
        case anothersPiece
        /// It shows leaves of another piece under its own one's name.
        case anothersLeaves
    }

    /// What a witness makes of what it saw.
    enum Word: Sendable { case asItIs, nothing, calledSilent }

    static let providers = 11
    static let shards = 8
    static let price: UInt64 = 10_000
    private static let owner = 50
    let hash = Blake2b()
    private var blocks: AuditedChain
    private let keys: [AuditedChain.Device]
    private let list: PieceList
    private(set) var judges: [AuditJudge<Blake2b>]
    private(set) var height = Height.genesis
    private var random: SeededRandom
    private var manners: [Int: Manner] = [:]
    private var words: [Int: Word] = [:]
    /// Receipts on their way, by the block in which each validator hears of one.
    private var travelling: [(at: Height, judge: Int, Verified<SignedWalkReceipt>)] = []
    private(set) var rounds: [AuditRound] = []
    /// How often a validator had to fetch receipts before it could vote.
    private(set) var fetched = 0
    /// Now and then a validator never hears of a receipt.
    var isLossy = false
    /// Leaves out a receipt from every verdict that it proposes.
    var isLeaderPicky = false
    private(set) var faults: [VerdictFault] = []

    var chain: ChainID { blocks.id }
    var outcomes: [VerdictOutcome] { blocks.outcomes }
    var verdicts: [StorageVerdict] { blocks.verdicts }

    init(seed: UInt64) throws {
        random = SeededRandom(seed: seed)
        keys = (0..<Self.providers).map { AuditedChain.Device(Self.seed(UInt8($0 + 1))) }
        list = try #require(PieceList(Self.shelf.map(\.tree.root)))
        blocks = try AuditedChain(
            "audited", owners: Self.providers, others: [Self.owner], profiles: ProfileRules.templates(.testnet))
        judges = (0..<4).map { [blocks] _ in AuditJudge(chain: blocks.id, hash: Blake2b()) }
        try play(until: 83)
    }

    private static func account(_ number: Int) -> AccountID { AuditedChain.account(number) }

    /// One unit whose leaves are all different, and the way of each to its root.
    private struct Piece {
        let leaves: [[UInt8]]
        let tree: MerkleList

        init(_ number: Int) {
            let hash = Blake2b()
            leaves = (0..<StorageUnits.leavesPerUnit).map { place in
                let word = hash.digest(DomainTag("test/leaf"), Array("\(number) \(place)".utf8)).raw.bytes
                return Array((0..<StorageUnits.leafBytes / word.count).map { _ in word }.joined())
            }
            tree = MerkleList(leaves: leaves.map { MerkleList.leaf($0.span.bytes, using: hash) }, using: hash)
        }
    }

    private static let shelf = (0..<shards).map { Piece($0) }

    private static func seed(_ number: UInt8) -> Bytes32 { Bytes32([UInt8](repeating: number, count: 32)) ?? .zero }

    // MARK: - The chain

    private var object: Digest {
        ObjectOrder.id(chain: chain, owner: Self.account(Self.owner), sequence: 0, using: hash)
    }

    func stored() throws -> PrepaidObject? { try blocks.load(RecordKey<PrepaidObject>.object(object)) }

    /// Who holds a shard: its number among the providers.
    func place(ofShard number: Int) throws -> Int? {
        guard let holders = try stored()?.holders, holders.indices.contains(number),
            let name = try blocks.load(RecordKey<ResourceName>.resourceName(holders[number].number))
        else { return nil }
        return (0..<Self.providers).first { id($0) == name.id }
    }

    mutating func have(shard: Int, be manner: Manner) throws {
        manners[try #require(try place(ofShard: shard))] = manner
    }

    mutating func have(provider: Int, say word: Word) { words[provider] = word }

    func reward(of provider: Int, in epoch: Epoch) throws -> Reward? { try blocks.reward(of: provider, in: epoch) }

    func track(of provider: Int) throws -> Track? {
        guard let resource = try blocks.load(RecordKey<Resource>.resource(id(provider))) else { return nil }
        return try blocks.load(RecordKey<Track>.track(resource.index))
    }

    func id(_ provider: Int) -> ResourceID { blocks.resource(of: provider) }

    /// The verdicts about a provider.
    func verdicts(on provider: Int) throws -> [StorageVerdict] {
        try verdicts.filter { verdict in
            let round = try #require(rounds.first { $0.height == verdict.height })
            return round.audits.contains {
                $0.place == Verdict.storage(verdict).place && $0.provider.id == id(provider)
            }
        }
    }

    mutating func play(until last: UInt64) throws { while height.number < last { try addBlock() } }

    private mutating func addBlock() throws {
        height = height.next
        let proposed = try propose()
        let (all, adopted) = try blocks.addBlock(transactions(), proposed, drawing: &random)
        let begun = all.filter { !$0.audits.isEmpty }
        rounds += begun
        try tell(begun, adopted)
    }

    /// Everybody registers; the owner orders when the epoch's round is over; holders say that they have what they got.
    private func transactions() throws -> [Verified<Transaction>] {
        switch height.number {
        case 1:
            return try (0..<Self.providers).map {
                try blocks.registration(keys[$0], of: $0, .storageHot, capacity: 64)
            }
        case 81:
            let order = ObjectOrder(
                profile: .storageHot, root: list.root(using: hash), shards: UInt8(Self.shards), needed: 4, units: 1,
                price: Amount(units: Self.price), deposit: Amount(units: 100_000_000))
            return [try blocks.signed(.open(try #require(order)), by: Self.account(Self.owner))]
        case 84:
            return try (0..<Self.shards).map { shard in
                let holder = try #require(try place(ofShard: shard))
                return try blocks.signed(
                    .hold(object, shard: UInt8(shard)), by: AccountID(keys[holder].identity.key.publicKey.raw))
            }
        default: return []
        }
    }

    // MARK: - Validators

    /// What the leader of this height proposes, if three of the four vote for it.
    private mutating func propose() throws -> [StorageVerdict] {
        let leader = Int(height.number % UInt64(judges.count))
        var proposed = judges[leader].verdicts(at: height)
        if isLeaderPicky { proposed = proposed.compactMap { picked($0) } }
        var count = 0
        for voter in judges.indices where try voter == leader || votes(voter, for: proposed, of: leader) { count += 1 }
        return count >= 3 ? proposed : []
    }

    private mutating func votes(_ voter: Int, for proposed: [StorageVerdict], of leader: Int) throws -> Bool {
        var check = judges[voter].check(proposed, at: height)
        if case .needs(let wanted) = check {
            fetched += 1
            for receipts in wanted {
                guard let found = judges[leader].receipts(of: receipts) else { return false }
                let verified = found.map { Verified(vouchedFor: $0, signer: device(of: $0.receipt)) }
                var effects: [AuditEffect] = []
                judges[voter].handle(.fetched(receipts, verified), at: .origin, into: &effects)
            }
            check = judges[voter].check(proposed, at: height)
        }
        if case .refused(let fault) = check { faults.append(fault) }
        return check == .agreed
    }

    /// As if one witness had said nothing, with a root that nobody has.
    private func picked(_ verdict: StorageVerdict) -> StorageVerdict? {
        StorageVerdict(
            height: verdict.height, provider: verdict.provider, partition: verdict.partition, kind: verdict.kind,
            passed: false, units: 0, reasons: Reasons(.contained), receipts: .zero,
            walks: verdict.walks.map { .init(witness: $0.witness, result: .noReceipt) })
    }

    private func device(of receipt: WalkReceipt) -> PublicKey {
        for judge in judges {
            if let (_, witness) = judge.question(of: receipt) { return witness.device }
        }
        return PublicKey(.zero)
    }

    private mutating func tell(_ rounds: [AuditRound], _ adopted: [StorageVerdict]) throws {
        var asks: [[AuditEffect]] = []
        for index in judges.indices {
            var effects: [AuditEffect] = []
            judges[index].handle(.block(height, rounds: rounds, adopted: adopted), at: .origin, into: &effects)
            for item in travelling where item.at <= height && item.judge == index {
                judges[index].handle(.receipt(item.2), at: .origin, into: &effects)
            }
            asks.append(effects)
        }
        travelling.removeAll { $0.at <= height }
        for case .ask(let audit, let witness, let deadline) in asks[0] {
            guard let receipt = try ask(audit, witness, within: deadline) else { continue }
            // A block sooner or later.
            for judge in judges.indices where !(isLossy && random.chance(ppm: 50_000)) {
                travelling.append((height.advanced(by: 1 + random.below(2)), judge, receipt))
            }
        }
    }

    // MARK: - Witnesses and providers

    private mutating func ask(
        _ audit: StorageAudit, _ witness: AuditParty, within deadline: TimeSpan
    ) throws -> Verified<SignedWalkReceipt>? {
        let asker = try #require((0..<Self.providers).first { id($0) == witness.id })
        let asked = try #require((0..<Self.providers).first { id($0) == audit.provider.id })
        #expect(asker != asked)
        let shard = try #require(audit.shard)
        let (proof, nonce) = keys[asker].identity.vrf.prove(audit.nonceInput(using: hash))
        let question = ShardQuestion(
            root: shard.root, shard: shard.number, units: shard.units,
            round: RoundQuestion(
                challenge: audit.challenge, provider: Digest(audit.provider.id.raw), partition: audit.partition,
                witness: Digest(witness.id.raw), nonce: nonce.raw))
        var (result, last, signature) = (WalkResult.lateOrSilent, Digest.zero, Signature(r: .zero, s: .zero))
        if let (answer, elapsed) = try answer(question, by: asked), elapsed <= deadline {
            let sent = try ShardAnswer.decode(answer.encoded, limit: PieceQuestion.byteLimit)
            result = sent.result(answering: question, ofShards: Int(shard.count), on: chain, using: hash)
            last = sent.shown.end(from: question.round.walk(on: chain).start(using: hash), using: hash)
            signature = sent.signature
        }
        switch words[asker] ?? .asItIs {
        case .asItIs: break
        case .nothing: return nil
        case .calledSilent: result = .lateOrSilent
        }
        return try blocks.receipt(
            of: audit, by: witness, keys[asker], proof, result, last: last, answer: signature)
    }

    private func answer(
        _ question: ShardQuestion, by provider: Int
    ) throws -> (ShardAnswer, TimeSpan)? {
        let manner = manners[provider] ?? .honest
        let own = Int(question.shard)
        let other = (own + 1) % Self.shards
        let shown = manner == .anothersPiece || manner == .anothersLeaves ? other : own
        guard manner != .empty else { return nil }
        let asked = ShardQuestion(
            root: question.root, shard: UInt8(manner == .anothersPiece ? other : own), units: question.units,
            round: question.round)
        let answer = ShardAnswer.showing(asked, of: list, on: chain, using: hash) { _, start in
            HotAnswer(
                HotRound.places(from: start, shardUnits: 1, using: hash).compactMap { place in
                    Self.shelf[shown].tree.path(to: Int(place)).map {
                        HotAnswer.Leaf(bytes: Self.shelf[shown].leaves[Int(place)], path: $0)
                    }
                })
        } sign: { body in
            keys[provider].identity.key.sign(body, tag: WalkQuestion.answerTag, chain: chain)
        }
        return (try #require(answer), manner == .slow ? .seconds(6) : .milliseconds(20))
    }
}
