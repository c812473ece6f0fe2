import CairnBase
import CairnCrypto
import CairnGossip
import CairnTransport
import CairnWire

/// Whether others can dial this node, asked of its members; and the same done for them.
final class ReachabilityShell {
    static let kind = RequestKind(
        "dial-back", .block, questionLimit: DialBackQuestion.byteCount, answerLimit: DialBackResult.longest,
        time: .seconds(12))

    private let loop: EventLoop
    private let network: PeerNetwork
    private let verifier: Verifier
    private let log: Logger
    private let sign: ([UInt8]) -> Signature
    private(set) var core: Reachability
    private(set) var desk: DialBackDesk
    private(set) var malformed: UInt64 = 0
    private var questions: [UInt64: PeerQuestion] = [:]  // ORDER: looked up by number only.
    private var probes: [UInt64: DialBackProbe] = [:]  // ORDER: looked up by number only.
    /// What others should be told of where this node is.
    var onChange: ((Reachability.State, Endpoint?) -> Void)?

    init(
        on loop: EventLoop, _ network: PeerNetwork, of node: NodeID, on chain: ChainID, listening: Endpoint,
        log: Logger,
        settings: ReachabilitySettings = ReachabilitySettings(), sign: @escaping ([UInt8]) -> Signature
    ) {
        self.loop = loop
        self.network = network
        self.log = log
        self.sign = sign
        verifier = Verifier(chain: chain)
        let unix = Clock.wall().millisecondsSince1970
        core = Reachability(
            of: node, listening: listening, unixMilliseconds: unix, random: SeededRandom(seed: SecureRandom.seed()),
            settings: settings, at: loop.now)
        desk = DialBackDesk(of: node, unixMilliseconds: unix, at: loop.now)
        network.serve(Self.kind) { [weak self] in self?.answer($0) }
        network.onIdentity = { [weak self] in self?.look(at: $0) }
    }

    /// What using addresses tells the address book is told here too.
    func hear(_ input: AddressBookInput) {
        switch input {
        case .joined(let node, let endpoint, let isOutbound):
            give(.joined(node, at: endpoint.address, isOutbound: isOutbound))
            look(at: node)
        case .left(let node): give(.left(node))
        default: break
        }
    }

    private func look(at node: NodeID) {
        if let address = network.observed(by: node) { give(.observed(address, by: node)) }
    }

    /// A router passes on what comes there, or no longer does.
    func hear(mapped endpoint: Endpoint?) { give(.mapped(endpoint)) }

    private func give(_ input: ReachabilityInput) {
        var effects: [ReachabilityEffect] = []
        core.handle(input, at: loop.now, into: &effects)
        for effect in effects {
            switch effect {
            // Not in this call: what cannot be asked is told back at once.
            case .ask(let node, let question): loop.after(.zero) { [weak self] in self?.ask(node, question) }
            case .changed(let state, let endpoint):
                log.info(
                    "reachable from outside",
                    ["state": .text(state.rawValue), "at": .text(endpoint?.description ?? "-")])
                onChange?(state, endpoint)
            case .setTimer(let instant): loop.at(instant) { [weak self] in self?.give(.timer) }
            }
        }
    }

    private func ask(_ node: NodeID, _ question: DialBackQuestion) {
        let asked = network.ask(Self.kind, question.encoded, of: node) { [weak self] in self?.hear($0, from: node) }
        if asked == nil { give(.failed(node)) }
    }

    private func hear(_ answer: PeerAnswer, from node: NodeID) {
        guard case .answered(status: 0, let bytes) = answer else { return give(.failed(node)) }
        guard let result = try? DialBackResult.decode(bytes, limit: DialBackResult.longest),
            let verified = verifier.verify(Claim(result, by: result.content.dialler.key))
        else {
            malformed += 1
            return give(.failed(node))
        }
        give(.answered(verified, from: node))
    }
}

// MARK: - For others

extension ReachabilityShell {
    private func answer(_ asked: PeerQuestion) {
        guard let question = try? DialBackQuestion.decode(asked.bytes, limit: DialBackQuestion.byteCount),
            let source = network.source(of: asked)
        else {
            malformed += 1
            network.answer(asked, status: 1, [])
            return
        }
        questions[desk.nextTicket] = asked
        give(.asked(question, by: asked.node, at: source))
    }

    private func give(_ input: DialBackInput) {
        var effects: [DialBackEffect] = []
        desk.handle(input, at: loop.now, into: &effects)
        for effect in effects {
            switch effect {
            case .dial(let number, let node, let endpoint):
                probes[number] = network.dialBack(node, at: endpoint) { [weak self] outcome in
                    // In a turn of its own: what is told here comes out of the middle of reading from the peer.
                    self?.loop.after(.zero) { [weak self] in
                        self?.probes[number] = nil
                        let ended: DialBackInput = .ended(number, outcome)
                        self?.give(ended)
                    }
                }
            case .answer(let number, let content):
                guard let asked = questions.removeValue(forKey: number) else { continue }
                network.answer(asked, DialBackResult(content, signature: sign(content.encoded)).encoded)
            case .refuse(let number, let refusal):
                guard let asked = questions.removeValue(forKey: number) else { continue }
                network.answer(asked, status: UInt8(clamping: 2 + refusal.rawValue), [])
            }
        }
    }
}

extension ReachabilityShell {
    /// What the API says of it.
    var document: JSON {
        let reached = core.results.count { $0.content.outcome == .reached }
        return [
            "state": .string(core.state.rawValue),
            "address": core.dialled.map { .string($0.description) } ?? .null,
            "observed": core.believed.map { .string($0.description) } ?? .null,
            "reached": JSON(reached), "asked": JSON(core.results.count),
            "ago_ms": core.decidedAt.map { JSON(loop.now.since($0).milliseconds) } ?? .null,
            "dial_backs": .array(
                core.results.map { result in
                    let content = result.content
                    return [
                        "node": .string(content.dialler.peerID),
                        "name": .string(NodeName(of: content.dialler, using: Blake2b()).description),
                        "address": .string(content.endpoint.description),
                        "outcome": .string(content.outcome.name), "ms": JSON(content.milliseconds),
                        "time": JSON(content.time), "signed": .string(hex(result.encoded)),
                    ]
                }),
        ]
    }
}

extension DialBackResult.Outcome {
    var name: String {
        switch self {
        case .reached: "reached"
        case .unconnected: "unconnected"
        case .unproven: "unproven"
        }
    }
}
