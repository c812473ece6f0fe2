import CairnBase
import CairnConsensus

/// Real cores on a network with one delay for all messages, and a rule that says who hears whom.
///
/// It is the simulator without its faults: what a scripted scenario needs, at thousands of scenarios a second. Several
/// cores may stand for one server; all of them hear what is sent to it.
struct Rounds {
    private enum Happening {
        case delivery(VerifiedMessage, from: NodeID, to: Int)
        case blocks([Block], to: Int)
        /// A finalized block to catch up to, from whoever has executed it by then.
        case history(VerifiedCertificate, to: Int)
        case timer(ConsensusTimer, of: Int)
    }

    let world: ConsensusWorld
    let delay: TimeSpan
    private(set) var actors: [LoneCore]
    private(set) var now = Instant.origin
    /// Whether what one core says in a view reaches another.
    var hears: (_ sender: Int, _ receiver: Int, _ view: View) -> Bool = { _, _, _ in true }
    /// Heights handed out by each core, as the digests of their blocks.
    private(set) var committed: [[Digest]]
    /// Every certificate that a core has taken into account, which core, and when.
    private(set) var certificates: [(core: Int, certificate: VerifiedCertificate, at: Instant)] = []
    private(set) var evidence: [Evidence] = []
    /// Everything each core has signed, in all its lives.
    private(set) var signed: [[Vote]]
    /// How many of a million messages are lost.
    var lossPPM: UInt64 = 0
    var random = SeededRandom(seed: 0)
    private var scheduler = Scheduler<Happening>()
    private var blocks = OrderedMap<Digest, Block>()
    private let verifier: MessageVerifier<MixHash, KeyedHashScheme>

    init(_ world: ConsensusWorld, actors: [LoneCore], delay: TimeSpan) {
        self.world = world
        self.actors = actors
        self.delay = delay
        committed = actors.map { _ in [] }
        signed = committed.map { _ in [] }
        verifier = world.verifier(around: Epoch(0))
    }

    /// Starts all cores, or some.
    mutating func start(_ indices: Range<Int>? = nil) {
        for index in indices ?? actors.indices { handle(.start(recovered: nil, nonce: 1), at: index) }
    }

    /// Goes on until `end`, or until `isDone`.
    mutating func run(until end: Instant, isDone: (Rounds) -> Bool = { _ in false }) {
        while let next = scheduler.next(notAfter: end) {
            now = next.time
            switch next.payload {
            case .delivery(let message, let sender, let receiver):
                handle(.message(message, from: sender), at: receiver)
            case .blocks(let blocks, let receiver): handle(.blocks(blocks), at: receiver)
            case .history(let finalization, let receiver): catchUp(receiver, to: finalization)
            case .timer(let timer, let index): handle(.timer(timer), at: index)
            }
            if isDone(self) { return }
        }
        now = max(now, end)
    }

    /// Two votes of one core that must not both exist.
    func contradiction(of index: Int) -> Evidence? {
        for (place, vote) in signed[index].enumerated() {
            for other in signed[index].dropFirst(place + 1) {
                if let evidence = Evidence(vote, other) { return evidence }
            }
        }
        return nil
    }

    /// The core starts again from its disk, or from an image that took its place.
    mutating func reboot(_ index: Int, from image: Recovered? = nil) {
        let kept = image?.votes.count ?? actors[index].log.votes.count
        let effects = actors[index].reboot(from: image, at: now)
        committed[index] = []
        signed[index] += actors[index].log.votes.dropFirst(kept)
        perform(effects, of: index)
    }

    private mutating func handle(_ input: ConsensusInput, at index: Int) {
        let before = actors[index].log.votes.count
        let effects = actors[index].handle(input, at: now)
        signed[index] += actors[index].log.votes.dropFirst(before)
        perform(effects, of: index)
    }

    private mutating func perform(_ effects: [ConsensusEffect], of index: Int) {
        for effect in effects {
            switch effect {
            case .broadcast(let outbound), .scatter(let outbound):
                send(outbound, from: index, to: actors.indices.filter { actors[$0].server != actors[index].server })
            case .send(let outbound, let node):
                guard let server = world.process(of: node)?.index else { continue }
                send(outbound, from: index, to: actors.indices.filter { actors[$0].server == server })
            case .setTimer(let timer, let at): scheduler.schedule(.timer(timer, of: index), at: max(at, now))
            case .fetchBlock(let digest):
                guard let block = blocks[digest] else { continue }
                scheduler.schedule(.blocks([block], to: index), at: now + delay + delay)
            case .synchronise(_, let finalization):
                scheduler.schedule(.history(finalization, to: index), at: now + delay + delay)
            case .commit(let commit):
                committed[index] += commit.blocks.map { $0.header.digest(using: world.hash) }
            case .archive(let certificate): certificates.append((index, certificate, now))
            case .evidence(let found): evidence.append(found)
            default: break
            }
        }
    }

    private mutating func catchUp(_ index: Int, to finalization: VerifiedCertificate) {
        guard let header = finalization.header,
            let source = committed.first(where: { $0.contains(finalization.block) }),
            let last = source.firstIndex(of: finalization.block), committed[index].count <= last
        else { return }
        committed[index] = Array(source[...last])
        let anchor = Anchor(
            block: finalization.block, height: header.height, time: header.time,
            randomness: header.randomness.next(using: world.hash))
        handle(.synchronised(anchor, finalization), at: index)
    }

    private mutating func send(_ outbound: Outbound, from index: Int, to receivers: [Int]) {
        let position = actors[index].core.position
        var heard = receivers.filter { hears(index, $0, position.view) }
        if lossPPM > 0 { heard.removeAll { _ in random.chance(ppm: lossPPM) } }
        guard !heard.isEmpty, let message = try? verifier.verify(outbound.message(at: position)) else { return }
        if case .proposal(let proposal) = message.body { blocks[proposal.digest] = proposal.block }
        let sender = world.validators[actors[index].server].node
        for receiver in heard {
            scheduler.schedule(.delivery(message, from: sender, to: receiver), at: now + delay)
        }
    }
}
