import CairnBase
import CairnConsensus
import CairnCrypto
import CairnNode
import CairnWire

/// A new node and five peers that hold the whole chain, two of them liars, in simulated time.
///
/// All six are the real core of a node: consensus, catching up, and what each peer is given of the past. Around them stand
/// a scheduler in place of the network, and the price of what threads and disks would do: a signature, a transfer, a sync.
struct CatchUpRun {
    /// The prices of one core's work, as in the study of latencies; the transfer is that of `scripts/bench ledger`.
    private enum Cost {
        static let verify = TimeSpan.microseconds(85)
        static let apply = TimeSpan.microseconds(27)
        static let sync = TimeSpan.microseconds(350)
    }

    /// From Frankfurt to Tokyo, Mumbai, Sydney, Virginia and Ireland, one way.
    private static let ways: [TimeSpan] = [114, 65, 126, 46, 14].map { .milliseconds($0) }
    /// A hundred megabits a second, each peer's up and ours down.
    private static let nanosecondsPerByte: UInt64 = 80
    /// As long as the shell waits for an answer.
    private static let patience = TimeSpan.seconds(5)

    private enum Event {
        case tell(NodeInput)
        case asked(HistoryRequest, peer: Int)
    }

    private struct Moment: Comparable, Hashable {
        let at: Instant
        let number: UInt64

        static func < (left: Moment, right: Moment) -> Bool { (left.at, left.number) < (right.at, right.number) }
    }

    private let signed: SignedChain
    private let lies: [PeerLie]
    private let nodes: [NodeID]
    private var core: NodeCore<Blake2b>
    private var peers: [NodeCore<Blake2b>]
    private var events = OrderedMap<Moment, Event>()
    private var number: UInt64 = 0
    private var now = Instant.origin
    private var (verifierIsFree, storeIsFree, linkIsFree) = (Instant.origin, Instant.origin, Instant.origin)
    private var uplinksAreFree: [Instant]
    private(set) var distrusted: Set<Int> = []
    private(set) var isInOrder = true

    init(_ signed: SignedChain, lies: [PeerLie]) {
        self.signed = signed
        self.lies = lies
        nodes = Self.ways.indices.map { NodeID(signed.hash.digest(DomainTag("cn/bench"), [2, UInt8($0)]).raw) }
        core = Self.core(signed)
        peers = nodes.map { _ in Self.core(signed) }
        uplinksAreFree = nodes.map { _ in .origin }
    }

    /// How long the node took, in simulated time; nil when it was not there in the end.
    mutating func run(within limit: TimeSpan) -> TimeSpan? {
        let epochs = UInt64(signed.handoffs.count)
        tell(.consensus(.start(recovered: nil, nonce: 1)))
        for node in nodes {
            tell(.peerJoined(node))
            let position = ChainPosition(epoch: Epoch(epochs), view: View(1), floor: View(0))
            tell(.consensus(.position(position, from: node)))
        }
        let last = Height(UInt64(signed.blocks.count))
        while core.executed < last, let (moment, event) = events.popFirst(), moment.at < .origin + limit {
            now = moment.at
            switch event {
            case .tell(let input): tell(input)
            case .asked(let request, let peer): ask(request, of: peer)
            }
        }
        return core.executed == last && core.consensus.position.epoch.number == epochs ? now.since(.origin) : nil
    }

    private static func core(_ signed: SignedChain) -> NodeCore<Blake2b> {
        let plan = signed.plan(0)
        return NodeCore(
            chain: signed.chain,
            consensus: Consensus(
                chain: signed.chain, key: nil, plan: plan,
                parameters: ConsensusParameters(pace: .seconds(1), epochLength: signed.epochLength),
                hash: signed.hash),
            executed: plan.anchor, hash: signed.hash)
    }

    private mutating func schedule(_ event: Event, at instant: Instant) {
        events[Moment(at: max(instant, now), number: number)] = event
        number += 1
    }

    private mutating func tell(_ input: NodeInput) {
        var effects: [NodeEffect] = []
        core.handle(input, at: now, into: &effects)
        for effect in effects { carryOut(effect) }
    }

    private mutating func carryOut(_ effect: NodeEffect) {
        switch effect {
        case .ask(let request, let node):
            guard let peer = nodes.firstIndex(of: node) else { return }
            schedule(.asked(request, peer: peer), at: now + Self.ways[peer])
        case .follow(let guide, let handoffs, let node):
            let keys = CountedSignatures()
            let check = HandoffCheck(handoffs, by: node, after: guide, hash: signed.hash, using: keys)
            verifierIsFree = max(verifierIsFree, now) + Cost.verify * UInt64(keys.count)
            schedule(.tell(.followed(check)), at: verifierIsFree)
        case .execute(let block): execute(block)
        case .distrust(let node): if let peer = nodes.firstIndex(of: node) { distrusted.insert(peer) }
        case .setTimer(let timer, let instant): schedule(.tell(.timer(timer)), at: instant)
        default: break
        }
    }

    private mutating func execute(_ block: ExecutableBlock) {
        let place = Int(clamping: block.block.header.height.number) - 1
        isInOrder = isInOrder && signed.digests[place] == block.digest
        storeIsFree =
            max(storeIsFree, now) + Cost.sync + (Cost.verify + Cost.apply) * UInt64(signed.transfers)
        let ends = (UInt64(place) + 1).isMultiple(of: signed.epochLength)
        let executed = ExecutedBlock(
            height: block.block.header.height, block: block.digest, nonces: [],
            randomness: block.block.header.randomness.next(using: signed.hash), verdicts: [],
            nextEpoch: ends ? signed.plan((place + 1) / Int(signed.epochLength)) : nil, coverage: nil)
        schedule(.tell(.executed(executed)), at: storeIsFree)
    }

    /// A question has reached a peer, whose core decides whether it answers.
    private mutating func ask(_ request: HistoryRequest, of peer: Int) {
        let lie = lies.indices.contains(peer) ? lies[peer] : nil
        var effects: [NodeEffect] = []
        peers[peer].handle(.wanted(request, by: nodes[peer], ticket: 1), at: now, into: &effects)
        var truth: HistoryAnswer?
        for case .serve(let wanted, _) in effects { truth = signed.answer(wanted, using: signed.hash) }
        guard lie != .silence else {
            return schedule(.tell(.unanswered(request, by: nodes[peer])), at: now + Self.patience)
        }
        guard let answer = truth.flatMap({ lie?.answer($0) ?? $0 }) else {
            return schedule(.tell(.unanswered(request, by: nodes[peer])), at: now + Self.ways[peer])
        }
        let bytes = answer.encoded
        let span = TimeSpan(nanoseconds: UInt64(bytes.count) * Self.nanosecondsPerByte)
        uplinksAreFree[peer] = max(uplinksAreFree[peer], now) + span
        linkIsFree = max(linkIsFree + span, uplinksAreFree[peer] + Self.ways[peer])
        guard let received = try? HistoryAnswer.decode(bytes, limit: HistoryAnswer.byteLimit) else { return }
        schedule(.tell(.history(received, to: request, from: nodes[peer])), at: linkIsFree)
    }
}

/// How a peer misleads who asks it.
enum PeerLie: String, CaseIterable {
    case otherPayload = "other payload", otherHeaders = "other headers", forgedHandoff = "forged handoff"
    case shortAnswer = "short answer", silence

    func answer(_ truth: HistoryAnswer) -> HistoryAnswer {
        switch (self, truth) {
        case (.otherPayload, .payloads(let payloads)): .payloads(payloads.dropLast() + [Payload(bytes: [1])])
        case (.otherHeaders, .headers(let headers)): .headers(headers.reversed())
        case (.shortAnswer, .headers(let headers)) where headers.count > 1: .headers(headers.dropLast())
        case (.shortAnswer, .payloads(let payloads)) where payloads.count > 1: .payloads(payloads.dropLast())
        case (.forgedHandoff, .handoffs(let handoffs)):
            .handoffs(Array(handoffs.dropFirst()) + Array(handoffs.prefix(1)))
        default: truth
        }
    }
}
