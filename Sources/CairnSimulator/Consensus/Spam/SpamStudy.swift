public import CairnBase
public import CairnConsensus

/// One honest core in a committee of a hundred, while a third of the committee and a thousand strangers send it whatever
/// could make it remember more. Signatures are sound: what is not never reaches a core.
public struct SpamStudy {
    public struct Span: Sendable {
        /// Messages handed to the core.
        public let messages: UInt64
        public let floor: View
        public let counters: ConsensusCounters
        /// The most that was held at the end of any of its seconds.
        public let most: Held
    }

    public struct Held: Sendable {
        public var views = 0
        public var tallies = 0
        public var blocks = 0

        mutating func note(_ gauge: ConsensusGauge) {
            views = max(views, gauge.views)
            tallies = max(tallies, gauge.tallies)
            blocks = max(blocks, gauge.blocks)
        }
    }

    private static let members = 100
    private static let liars = 33
    private static let strangers = 1_000
    /// Ten times what a member says when one block a second is agreed on.
    private static let perLiar = 30

    private let world: ConsensusWorld
    private let seed: Digest
    private let verifier: MessageVerifier<MixHash, KeyedHashScheme>
    private var core: Consensus<MixHash>
    private var random: SeededRandom
    private var now = Instant.origin
    private var tip: Block?
    private var view: UInt64 = 1
    private var messages: UInt64 = 0
    /// Certificates of the past, to be sent again.
    private var old: [Certificate] = []

    public init(seed: UInt64 = 1) {
        var liars: OrderedMap<Int, Lie> = [:]
        for number in 0..<Self.liars { liars[3 * number + 1] = Lie(.silent) }
        world = ConsensusWorld(
            cluster: Cluster(servers: Self.members, clients: 0), random: SeededRandom(seed: seed),
            parameters: ConsensusParameters(pace: .seconds(1), epochLength: 1_000_000), stakes: .equal,
            liars: liars)
        let plan = world.firstPlan
        self.seed = Randomness.seed(chain: world.chain, epoch: plan.epoch, middle: plan.middle, using: world.hash)
        verifier = world.verifier(around: plan.epoch)
        core = ConsensusProcess.core(world, ProcessID(0), plan, rules: .all)
        random = SeededRandom(seed: seed).fork("spam")
        feed(.start(recovered: nil, nonce: 1))
    }

    public mutating func minute() -> Span { run(seconds: 60) }

    mutating func second() -> Span { run(seconds: 1) }

    /// Each second one block of the chain, or a view given up when a liar leads it, and the spam.
    private mutating func run(seconds: Int) -> Span {
        messages = 0
        var most = Held()
        for _ in 0..<seconds {
            now = now + .seconds(1)
            for _ in 0..<Self.perLiar { for liar in world.liars { spam(as: liar.key) } }
            for stranger in 0..<Self.strangers { bother(as: stranger) }
            most.note(core.gauge)
            advance()
        }
        return Span(messages: messages, floor: core.position.floor, counters: core.counters, most: most)
    }

    // MARK: - The core's surroundings

    private mutating func feed(_ input: ConsensusInput) {
        var inputs = [input]
        while !inputs.isEmpty {
            var effects: [ConsensusEffect] = []
            core.handle(inputs.removeFirst(), at: now, into: &effects)
            for effect in effects {
                switch effect {
                case .persist(let persist):
                    let signature = persist.sign.map {
                        world.signingKeys[0].sign($0.signedBytes(chain: world.chain))
                    }
                    inputs.append(.persisted(token: persist.token, signature: signature))
                case .requestPayload(let request):
                    inputs.append(.payloadReady(world.offer(request, by: 0, unixMilliseconds: view)))
                case .validatePayload(let block, let digest):
                    inputs.append(.payloadValidated(digest, isValid: world.isValid(block.payload)))
                default: break
                }
            }
        }
    }

    private mutating func hand(_ body: ConsensusMessage.Body, at position: ChainPosition, from node: NodeID) {
        messages += 1
        let lean = core.lean(ConsensusMessage(position: position, body: body))
        guard let message = try? verifier.verify(lean) else { return }
        feed(.message(message, from: node))
    }

    /// The chain goes on by one view.
    private mutating func advance() {
        let leader = server(leading: view)
        let position = ChainPosition(epoch: Epoch(0), view: View(view), floor: core.position.floor)
        let certificate: Certificate
        if leader == 0 || world.liars.contains(leader) {
            certificate = certify(.nullification(Epoch(0), View(view)))
        } else {
            let block = block(by: leader)
            let statement = VoteStatement(
                epoch: Epoch(0), view: View(view), kind: .notarize, block: block.header.digest(using: world.hash))
            let proposal = Proposal(block: block, signature: sign(statement, as: leader), certificates: [])
            hand(.proposal(proposal), at: position, from: world.validators[leader].node)
            certificate = certify(.finalization(block.header))
            tip = block
        }
        hand(.certificates([certificate]), at: position, from: world.validators[leader].node)
        old.append(certificate)
        if old.count > 64 { old.removeFirst() }
        view += 1
    }
}

// MARK: - What is sent

extension SpamStudy {
    private mutating func spam(as liar: Int) {
        let node = world.validators[liar].node
        let near = View(view + random.below(4) - min(view, random.below(4)))
        let far = View(random.next() >> random.below(60))
        let block = world.hash.digest(DomainTag("sim/spam"), (0..<8).map { _ in UInt8(random.below(256)) })
        let position = ChainPosition(epoch: Epoch(0), view: far, floor: near)
        switch random.below(6) {
        case 0, 1:
            let votes = VoteKind.allCases.map { vote($0, near, $0 == .nullify ? .zero : block, as: liar) }
            hand(.votes(votes), at: position, from: node)
        case 2:
            let votes = VoteKind.allCases.map { vote($0, far, $0 == .nullify ? .zero : block, as: liar) }
            hand(.votes(votes), at: position, from: node)
        case 3: hand(.certificateRequest(request()), at: position, from: node)
        case 4:
            let ask = StatusRequest(nonce: random.next(), epoch: Epoch(0), lastLogged: View(0))
            hand(.statusRequest(ask), at: position, from: node)
        default: propose(as: liar, at: position)
        }
    }

    /// A stranger can ask, claim to be anywhere, and pass on what others have signed.
    private mutating func bother(as stranger: Int) {
        let node = NodeID(world.hash.digest(DomainTag("sim/stranger"), Array("\(stranger)".utf8)).raw)
        let position = ChainPosition(epoch: Epoch(random.below(3)), view: View(random.next()), floor: View(0))
        switch random.below(3) {
        case 0: hand(.certificateRequest(request()), at: position, from: node)
        case 1: hand(.certificates(old), at: position, from: node)
        default:
            let liar = world.liars.keys[Int(random.below(UInt64(Self.liars)))]
            hand(.votes([vote(.nullify, View(view + random.below(64)), .zero, as: liar)]), at: position, from: node)
        }
    }

    /// Another block whenever it leads one of the next views.
    private mutating func propose(as liar: Int, at position: ChainPosition) {
        for ahead in view...(view + 3) where server(leading: ahead) == liar {
            let sound = block(by: liar, in: ahead, payload: (0..<64).map { _ in UInt8(random.below(128)) })
            let statement = VoteStatement(
                epoch: Epoch(0), view: View(ahead), kind: .notarize, block: sound.header.digest(using: world.hash))
            hand(
                .proposal(Proposal(block: sound, signature: sign(statement, as: liar), certificates: old.suffix(4))),
                at: position, from: world.validators[liar].node)
        }
    }

    private mutating func request() -> CertificateRequest {
        let first = random.below(view + 8)
        return CertificateRequest(epoch: Epoch(0), first: View(first), last: View(first + random.below(1_000)))
    }

    // MARK: - Signed things

    private func server(leading view: UInt64) -> Int {
        let committee = world.firstPlan.committee
        let seat = committee.leader(of: View(view), seed: seed, using: world.hash)
        return committee[seat].flatMap { world.process(of: $0.key) }?.index ?? 0
    }

    private func sign(_ statement: VoteStatement, as server: Int) -> Signature {
        world.signingKeys[server].sign(statement.signedBytes(chain: world.chain))
    }

    private func vote(_ kind: VoteKind, _ view: View, _ block: Digest, as server: Int) -> Vote {
        let statement = VoteStatement(epoch: Epoch(0), view: view, kind: kind, block: block)
        let seat = world.firstPlan.committee.index(of: world.validators[server].key) ?? MemberIndex(0)
        return Vote(statement: statement, voter: seat, signature: sign(statement, as: server))
    }

    private func block(by server: Int) -> Block { block(by: server, in: view, payload: [1]) }

    private func block(by server: Int, in view: UInt64, payload bytes: [UInt8]) -> Block {
        world.block(in: View(view), on: tip?.header, by: server, payload: Payload(bytes: bytes))
    }

    /// Signed by all who are honest but the core itself, and by a liar in its place.
    private func certify(_ subject: Certificate.Subject) -> Certificate {
        let committee = world.firstPlan.committee
        let draft = Certificate(subject: subject, signers: SignerSet([], of: committee.count), signatures: [])
        let statement = draft.statement(using: world.hash)
        let signers = (1..<Self.members).filter { !world.liars.contains($0) || $0 == 1 }
            .compactMap { server in
                committee.index(of: world.validators[server].key).map { (seat: $0, server: server) }
            }.sorted { $0.seat < $1.seat }
        return Certificate(
            subject: subject, signers: SignerSet(signers.map(\.seat), of: committee.count),
            signatures: signers.map { sign(statement, as: $0.server) })
    }
}
