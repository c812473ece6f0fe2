import CairnBase
import CairnCrypto
import CairnWire
import CairnWitness
import Testing

/// A small town of gateways with real keys, a chain whose randomness is hashed, and clean radio receptions.
struct Town {
    static let hash = Blake2b()
    static let chain = ChainID(hash.digest(DomainTag("cn/chain"), Array("test".utf8)).raw)
    static let origin = hash.digest(DomainTag("cn/R0"), chain.raw.bytes)

    var rules = CoverageRules.testnet
    var members: [Member] = []
    var pairs: OrderedMap<Pair, PairFacts> = [:]

    static func id(_ seed: Int) -> Bytes32 {
        hash.digest(DomainTag("test"), [UInt8(truncatingIfNeeded: seed), UInt8(truncatingIfNeeded: seed >> 8)]).raw
    }

    static func key(_ seed: Int) -> SecretKey { SecretKey(seed: Seed(known: id(10_000 + seed))) }
    static func randomnessKey(_ seed: Int) -> VRFSecretKey {
        VRFSecretKey(seed: Seed(known: id(20_000 + seed)))
    }

    /// Gateways on a line, 1 km apart, each with an owner and network of its own.
    init(_ count: Int = 8) {
        for seed in 0..<count { members.append(Town.member(seed)) }
    }

    static func member(_ seed: Int, metresEast: Int? = nil) -> Member {
        let longitude = Int32(23_522_000 + (metresEast ?? seed * 1_000) * 136)
        guard let position = Position(latitude: 488_566_000, longitude: longitude)?.direction else {
            fatalError("a town lies on the ground")
        }
        return Member(
            id: ResourceID(id(seed)), controller: AccountID(id(1_000 + seed)), stakeRoot: AccountID(id(2_000 + seed)),
            device: key(seed).publicKey, randomness: randomnessKey(seed).publicKey,
            place: position, region: .eu868,
            network: UInt64(4 << 56) | UInt64(seed), gain: 0, trust: 1_000_000, scale: 1_000_000, rateMilli: 1_000,
            isReciprocal: true, neighbours: [])
    }

    var view: CoverageView { CoverageView(epoch: Epoch(0), rules: rules, members: members, pairs: pairs) }

    /// Which of the town's seeds stands at a place of the view.
    func seed(of index: UInt32) throws -> Int {
        let member = try #require(view.member(index))
        return try #require(members.firstIndex { $0.id == member.id })
    }

    func index(of seed: Int) throws -> UInt32 { try #require(view.index(of: members[seed].id)) }

    static func randomness(_ height: Height) -> Digest {
        height == .genesis ? origin : hash.digest(DomainTag("test/R"), Array(String(height.number).utf8))
    }

    /// The first challenge from a height on, of a member that passes.
    func challenge(from first: UInt64 = 3, where passes: (Int) -> Bool = { _ in true }) throws -> Challenged {
        for height in first..<first + 2_000 {
            let value = Town.randomness(Height(height < 2 ? 0 : height - 2))
            let view = CoverageView(
                epoch: rules.epoch(of: Height(height)), rules: rules, members: members, pairs: pairs)
            for challenged in Challenged.all(
                at: Height(height), in: view, randomness: value, chain: Town.chain, using: Town.hash)
            where passes(try seed(of: challenged.target)) { return challenged }
        }
        throw Missing()
    }

    struct Missing: Error {}

    func beacon(_ challenged: Challenged) throws -> (beacon: Beacon, proof: VRFProof, output: Digest) {
        let value = Town.randomness(challenged.height.preceding(by: 2))
        let input = Beacon.input(challenge: challenged.id, randomness: value, using: Town.hash)
        let (proof, output) = Town.randomnessKey(try seed(of: challenged.target)).prove(input)
        let beacon = Beacon(
            output: output, profile: rules.profile, height: challenged.height, region: .eu868, using: Town.hash)
        return (beacon, proof, output)
    }

    /// What an honest radio at the witness measures: free space minus 20 dB, and the ratio that follows from noise.
    func reception(_ beacon: Beacon, target: Member, witness: Member) -> Reception {
        let metres = witness.place.metres(to: target.place)
        let signal =
            (beacon.power(in: .eu868) - PathLoss.freeSpace(metres: max(1, metres), hertz: beacon.frequency) - 2_000)
            / 10
        let ratio = min(120, signal + 1_170)
        return Reception(
            payload: beacon.payload, frequency: beacon.frequency, spreading: beacon.spreading, bandwidth: 0,
            strength: Int16(clamping: signal), signalStrength: nil, signalToNoise: Int16(clamping: ratio), counter: 7,
            fineTime: nil)
    }
}

/// A town under one challenge, with every message in real signatures.
struct Round {
    var town: Town
    let challenged: Challenged
    let beacon: Beacon
    let proof: VRFProof
    let output: Digest
    let verifier = Verifier(chain: Town.chain)

    init(_ town: Town, where passes: (Int) -> Bool = { _ in true }) throws {
        self.town = town
        challenged = try town.challenge(where: passes)
        (beacon, proof, output) = try town.beacon(challenged)
    }

    var view: CoverageView {
        CoverageView(
            epoch: town.rules.epoch(of: challenged.height), rules: town.rules, members: town.members,
            pairs: town.pairs)
    }

    var target: Int { get throws { try town.seed(of: challenged.target) } }

    /// Seeds of all that may witness.
    var witnesses: [Int] { get throws { let target = try target; return town.members.indices.filter { $0 != target } } }

    func reception(_ seed: Int) throws -> Reception {
        town.reception(beacon, target: town.members[try target], witness: town.members[seed])
    }

    func opening(_ seed: Int, _ change: (inout Reception) -> Void = { _ in }) throws -> Opening {
        var reception = try reception(seed)
        change(&reception)
        let receipt = RadioReceipt(
            challenge: challenged.id, witness: town.members[seed].device,
            payload: PayloadHash(of: reception.payload, using: Town.hash), reception: reception,
            eui: UInt64(seed))
        return try #require(Opening(receipt: receipt, salt: Array(Town.id(3_000 + seed).bytes[..<16])))
    }

    func commit(_ seed: Int, _ opening: Opening) throws -> Verified<Commit> {
        let index = try town.index(of: seed)
        let commitment = opening.commitment(on: Town.chain, using: Town.hash)
        let body = Commit.body(challenge: challenged.id, witness: index, commitment: commitment)
        let signature = Town.key(seed).sign(body, tag: DomainTag("cn/sig.commit"), chain: Town.chain)
        let commit = Commit(challenge: challenged.id, witness: index, commitment: commitment, signature: signature)
        return try #require(verifier.verify(Claim(commit, by: town.members[seed].device)))
    }

    func reveal(_ seed: Int, _ opening: Opening) throws -> VouchedReveal {
        let signature = Town.key(seed).sign(opening.receipt.encoded, tag: DomainTag("cn/sig.rr"), chain: Town.chain)
        let reveal = Reveal(opening: opening, signature: signature)
        return .alone(try #require(verifier.verify(Claim(reveal, by: town.members[seed].device))))
    }

    func beaconReveal() throws -> Verified<BeaconReveal> {
        let seed = try target
        let body = BeaconReveal.body(challenge: challenged.id, target: challenged.target, proof: proof)
        let signature = Town.key(seed).sign(body, tag: DomainTag("cn/sig.beacon"), chain: Town.chain)
        let reveal = BeaconReveal(
            challenge: challenged.id, target: challenged.target, proof: proof, signature: signature)
        return try #require(verifier.verify(Claim(reveal, by: town.members[seed].device)))
    }

    func judge() -> JudgeUnderTest { JudgeUnderTest(self) }
}

/// A judge that is driven through the timeline block by block.
struct JudgeUnderTest {
    let round: Round
    var judge: Judge<Blake2b>
    var effects: [JudgeEffect] = []

    init(_ round: Round) {
        self.round = round
        judge = Judge(chain: Town.chain, origin: Town.origin, hash: Town.hash)
        give(.view(round.view))
    }

    mutating func give(_ input: JudgeInput) { judge.handle(input, at: .origin, into: &effects) }

    /// Brings the newest block to so many after the challenge.
    mutating func advance(to blocks: UInt64, adopted: [CoverageVerdict] = []) {
        let goal = round.challenged.height.advanced(by: blocks)
        while judge.head < goal {
            let next = judge.head.next
            give(.block(next, randomness: Town.randomness(next), adopted: next == goal ? adopted : []))
        }
    }

    /// The whole round with these receipts, up to where verdicts may come.
    mutating func run(_ openings: [(seed: Int, opening: Opening)], beacon: Bool = true) throws {
        advance(to: 2)
        for (seed, opening) in openings { give(.commit(try round.commit(seed, opening))) }
        advance(to: 6)
        if beacon { give(.beacon(try round.beaconReveal(), output: round.output)) }
        for (seed, opening) in openings { give(.reveals([try round.reveal(seed, opening)])) }
        advance(to: 10)
    }

    var verdict: CoverageVerdict {
        get throws {
            try #require(
                judge.verdicts(at: round.challenged.height.advanced(by: 11)).first {
                    $0.target == round.challenged.target && $0.height == round.challenged.height
                })
        }
    }

    func account() throws -> ChallengeAccount {
        let judgement = try #require(judge.judgement(of: round.challenged.id))
        return try #require(
            ChallengeAccount(
                judgement, id: round.challenged.id, reports: judge.reports(of: round.challenged.id), in: round.view))
    }

    /// What stands against a witness, on or off the chain.
    func reasons(_ seed: Int) throws -> Reasons {
        let index = try round.town.index(of: seed)
        let story = try account()
        return try #require(story.witnesses.first { $0.index == index }).reasons
    }
}
