import CairnBase
import CairnCrypto
import CairnRadio
import CairnWire
import CairnWitness
import Testing

/// Honest gateways in one town, a block a second, the air between them and a validator who hears what they publish: the
/// real cores in virtual time.
struct HonestTown {
    private static let hash = Blake2b()
    private static let chain = ChainID(hash.digest(DomainTag("cn/test"), [7]).raw)
    private static let origin = hash.digest(DomainTag("cn/test"), [8])

    private enum Event {
        case block(Height, at: Int)
        case validatorBlock(Height)
        case frameBegins(SendRequest, by: Int)
        case frameEnds(UInt64)
        case message(CoverageMessage)
    }

    private struct Turn: Comparable {
        let at: Instant
        let order: Int

        static func < (left: Turn, right: Turn) -> Bool { (left.at, left.order) < (right.at, right.order) }
    }

    let rules: CoverageRules
    private let members: [Member]
    private var gateways: [Gateway<Blake2b>] = []
    private var air: Air
    private var judge = Judge(chain: chain, origin: origin, hash: hash)
    private var queue = OrderedMap<Turn, Event>()
    private var queued = 0
    private var random: SeededRandom
    private var adopted: OrderedSet<Digest> = []
    /// By gateway: verdicts on it, and those of them that paid.
    private(set) var verdicts: [Int]
    private(set) var paid: [Int]
    private(set) var reasons = OrderedMap<Int, Int>()
    var missed: Air.Missed { air.missed }
    var unpaid: Int { verdicts.reduce(0, +) - paid.reduce(0, +) }

    init(gateways count: Int, metres: UInt64, seed: UInt64, rules: CoverageRules = .testnet) throws {
        self.rules = rules
        var random = SeededRandom(seed: seed)
        var stations: [Station] = []
        var members: [Member] = []
        for number in 0..<count {
            let spot = try Self.spot(apartFrom: stations.map(\.position), within: metres, &random)
            stations.append(Station(eui: UInt64(number + 1), position: spot))
            members.append(Self.member(number, at: spot))
        }
        self.random = random
        self.members = members
        air = Air(stations, seed: seed)
        verdicts = [Int](repeating: 0, count: count)
        paid = verdicts
        for (number, member) in members.enumerated() {
            gateways.append(
                Gateway(
                    chain: Self.chain, device: member.device, eui: UInt64(number + 1), origin: Self.origin,
                    secret: Self.id(number, 6), spread: .seconds(1), hash: Self.hash))
        }
    }

    /// Nobody may witness who is nearer than 300 m.
    private static func spot(
        apartFrom others: [Position], within metres: UInt64, _ random: inout SeededRandom
    ) throws -> Position {
        for _ in 0..<10_000 {
            let east = Int32(random.below(metres)) * 136
            let north = Int32(random.below(metres)) * 90
            let spot = try #require(Position(latitude: 488_566_000 + north, longitude: 23_522_000 + east))
            if others.allSatisfy({ $0.metres(to: spot) > 320 }) { return spot }
        }
        throw Crowded()
    }

    private struct Crowded: Error {}

    private static func id(_ number: Int, _ use: UInt8) -> Bytes32 {
        hash.digest(DomainTag("cn/test"), [use, UInt8(number)]).raw
    }

    private static func key(_ number: Int) -> SecretKey { SecretKey(seed: Seed(known: id(number, 4))) }
    private static func randomnessKey(_ number: Int) -> VRFSecretKey {
        VRFSecretKey(seed: Seed(known: id(number, 5)))
    }

    private static func member(_ number: Int, at spot: Position) -> Member {
        Member(
            id: ResourceID(id(number, 1)), controller: AccountID(id(number, 2)), stakeRoot: AccountID(id(number, 3)),
            device: key(number).publicKey, randomness: randomnessKey(number).publicKey, place: spot.direction,
            region: .eu868, network: UInt64(4 << 56) | UInt64(number), gain: 0, trust: 1_000_000, scale: 1_000_000,
            rateMilli: 1_000, isReciprocal: true, neighbours: [])
    }

    private static func randomness(_ height: Height) -> Digest {
        hash.digest(DomainTag("cn/test"), Array("randomness \(height)".utf8))
    }

    // MARK: Running

    mutating func run(epochs: UInt64) throws {
        let last = epochs * rules.epochBlocks
        for height in 1...last {
            let time = Instant.origin + .seconds(height)
            for number in gateways.indices { schedule(.block(Height(height), at: number), time + jitter()) }
            schedule(.validatorBlock(Height(height)), time + jitter())
        }
        while let (key, event) = queue.popFirst() { try handle(event, at: key.at) }
    }

    /// How much later than the first somebody hears of a block or a message.
    private mutating func jitter() -> TimeSpan { .milliseconds(random.below(150)) }

    private mutating func schedule(_ event: Event, _ time: Instant) {
        queue[Turn(at: time, order: queued)] = event
        queued += 1
    }

    private func view(of height: Height) -> CoverageView {
        CoverageView(epoch: rules.epoch(of: height), rules: rules, members: members, pairs: [:])
    }

    private mutating func handle(_ event: Event, at now: Instant) throws {
        switch event {
        case .block(let height, let number):
            if (height.number - 1).isMultiple(of: rules.epochBlocks) { try give(.view(view(of: height)), number, now) }
            try give(.block(height, randomness: Self.randomness(height)), number, now)
        case .validatorBlock(let height): judgeBlock(height)
        case .frameBegins(let request, let number): try tell(.send(request, by: number), now)
        case .frameEnds(let frame): try tell(.ended(frame: frame), now)
        case .message(let message): try judge(message)
        }
    }

    private mutating func give(_ input: GatewayInput, _ number: Int, _ now: Instant) throws {
        var effects: [GatewayEffect] = []
        gateways[number].handle(input, at: now, into: &effects)
        for effect in effects {
            switch effect {
            case .prove(let challenge, let input):
                let (proof, output) = Self.randomnessKey(number).prove(input)
                try give(.proved(challenge: challenge, proof: proof, output: output), number, now)
            case .transmit(let frame):
                let request = SendRequest(
                    payload: frame.payload, frequency: frame.frequency, spreading: frame.spreading, bandwidth: 0,
                    power: Int(frame.power / 100))
                schedule(.frameBegins(request, by: number), now + frame.delay)
            case .keep(let promise):
                try give(.kept(challenge: promise.opening.receipt.challenge), number, now)
            case .say(let statement):
                let (tag, body) = statement.signedBody
                let signature = Self.key(number).sign(body, tag: tag, chain: Self.chain)
                schedule(.message(try #require(statement.signed(signature))), now + jitter())
            }
        }
    }

    private mutating func tell(_ input: Air.Input, _ now: Instant) throws {
        var effects: [Air.Effect] = []
        air.handle(input, at: now, into: &effects)
        for effect in effects {
            switch effect {
            case .wake(let frame, let time): schedule(.frameEnds(frame), time)
            case .received(let reception, let number): try give(.heard(reception), number, now)
            case .busy: break
            }
        }
    }
}

// MARK: - The validator

extension HonestTown {
    private mutating func judgeBlock(_ height: Height) {
        var effects: [JudgeEffect] = []
        if (height.number - 1).isMultiple(of: rules.epochBlocks) {
            judge.handle(.view(view(of: height)), at: .origin, into: &effects)
        }
        let found = judge.verdicts(at: height)
        for verdict in found { count(verdict) }
        judge.handle(
            .block(height, randomness: Self.randomness(height), adopted: found), at: .origin, into: &effects)
    }

    private mutating func count(_ verdict: CoverageVerdict) {
        let members = view(of: verdict.height).members
        guard let number = self.members.firstIndex(where: { $0.id == members[Int(verdict.target)].id }) else { return }
        verdicts[number] += 1
        if verdict.units > 0 { paid[number] += 1 }
        for reason in verdict.reasons.list { reasons[Int(reason.rawValue), default: 0] += 1 }
    }

    private mutating func judge(_ message: CoverageMessage) throws {
        var effects: [JudgeEffect] = []
        let verifier = Verifier(chain: Self.chain)
        let input: JudgeInput?
        switch message {
        case .commit(let commit):
            input = judge.signer(commit.witness, of: commit.challenge)
                .flatMap { verifier.verify(Claim(commit, by: $0)) }.map { .commit($0) }
        case .beacon(let reveal):
            input = try beacon(reveal, verifier)
        case .reveal(let reveal):
            input = verifier.verify(Claim(reveal, by: reveal.receipt.witness)).map { .reveals([.alone($0)]) }
        case .batch(let batch):
            let seal = batch.openings.first.flatMap { verifier.verify(Claim(batch.seal, by: $0.receipt.witness)) }
            let reveals = try #require(batch.reveals(using: Self.hash))
            input = seal.map { seal in .reveals(reveals.map { .batched($0, seal) }) }
        }
        judge.handle(try #require(input), at: .origin, into: &effects)
    }

    private func beacon(_ reveal: BeaconReveal, _ verifier: Verifier) throws -> JudgeInput? {
        let signer = try #require(judge.signer(reveal.target, of: reveal.challenge))
        let (key, input) = try #require(judge.beaconProof(of: reveal.challenge))
        let verified = try #require(verifier.verify(Claim(reveal, by: signer)))
        return VRF.output(of: reveal.proof, input: input, by: key).map { .beacon(verified, output: $0) }
    }
}
