import CairnBase
import CairnConsensus
import CairnCrypto
import CairnLedger
import CairnWire
import Testing

@testable import CairnNode

/// How a peer spoils the beginning of a newcomer.
private enum Lie: Int, CaseIterable {
    /// Honest, but without a snapshot.
    case hasNone
    case forgedHandoffs, emptyHanded, otherKind
    /// Of another state than the headers name.
    case otherRoot
    /// Under the true root, other entries: only the whole shows it. All who do so agree.
    case poisoned
    case alteredChunk
    /// Under the true root, nothing at all.
    case empty
    /// Answers for a chunk with something else.
    case otherKindOfChunk
    /// Promises chunks and gives none.
    case withholds
    /// Gives a few chunks at a time, as a peer does that minds its links.
    case isShort
    case silence
}

/// A newcomer, its peers, and a file that a shell would write.
private struct Beginning {
    let chain: WrittenChain
    let parts: [[UInt8]]
    let liars: [NodeID: Lie]
    let peers: [NodeID]
    private(set) var written: [[UInt8]] = []
    private(set) var took = false
    private(set) var ending: SnapshotSync<Blake2b>.Ending?
    private(set) var distrusted: [NodeID] = []
    private(set) var refusals = 0
    private(set) var mostUnderWay = 0
    private(set) var now = Instant.origin
    private var asksOfTheShort = 0
    private var alarm: Instant?
    private var waiting: [SnapshotSync<Blake2b>.Input] = []
    private var desk: [SnapshotSync<Blake2b>.Input] = []
    private(set) var asks: [NodeID: Int] = [:]
    private var writes = 0
    private var opens = 0
    /// No file can be begun at this one.
    var failingOpen: Int?
    /// The disk is full at this write.
    var failingWrite: Int?
    /// Peers that come only when a file is being fetched.
    var late: [NodeID] = []
    /// Whoever is asked first leaves once, with questions open.
    var leaves = false
    private var random: SeededRandom

    init(_ chain: WrittenChain, parts count: Int, lies: [Lie?], seed: UInt64) {
        self.chain = chain
        random = SeededRandom(seed: seed)
        parts = (0..<count).map { Array("part \($0)".utf8) }
        peers = lies.indices.map { NodeID(Blake2b().digest(DomainTag("cn/test"), [8, UInt8($0)]).raw) }
        liars = Dictionary(uniqueKeysWithValues: zip(peers, lies).compactMap { peer, lie in lie.map { (peer, $0) } })
    }

    /// The state that the last epoch but one starts from.
    private func contents(_ parts: [[UInt8]], root: Digest? = nil) -> SnapshotContents {
        let epoch = chain.handoffs.count - 1
        let last = chain.handoffs[epoch - 1].last.header
        let hashes = parts.map { SnapshotContents.hash(ofChunk: $0, using: chain.hash) }
        return SnapshotContents(
            header: SnapshotHeader(
                chain: chain.chain, height: last.height, block: last.digest(using: chain.hash),
                root: root ?? chain.startState(of: Epoch(UInt64(epoch))), entryCount: 1,
                chunkCount: UInt32(parts.count), chunkList: SnapshotContents.hash(ofList: hashes, using: chain.hash)),
            chunks: hashes)
    }

    private var poison: [[UInt8]] { parts.map { $0 + [0] } }

    private mutating func answer(_ request: HistoryRequest, by peer: NodeID) -> HistoryAnswer? {
        let lie = liars[peer]
        if lie == .silence { return nil }
        if lie == .otherKind { return .payloads([]) }
        switch request {
        case .handoffs:
            guard case .handoffs(let truth) = chain.answer(request), !truth.isEmpty else { return nil }
            switch lie {
            case .forgedHandoffs: return .handoffs(Array(truth.dropFirst()) + Array(truth.prefix(1)))
            case .emptyHanded: return .handoffs([])
            default: return .handoffs(truth)
            }
        case .snapshot(let height):
            switch lie {
            case .hasNone: return nil
            case .otherRoot: return .snapshot(contents(parts, root: .zero))
            case .poisoned: return .snapshot(contents(poison))
            case .empty: return .snapshot(contents([]))
            default: return contents(parts).header.height == height ? .snapshot(contents(parts)) : nil
            }
        case .chunk(let number, let list):
            if lie == .otherKindOfChunk { return .payloads([]) }
            let held = lie == .poisoned ? poison : parts
            if lie == .isShort {
                asksOfTheShort += 1
                guard asksOfTheShort % 5 != 0 else { return nil }
            }
            guard lie != .withholds, contents(held).header.chunkList == list else { return nil }
            return .chunk(held[Int(number)] + (lie == .alteredChunk && number % 3 == 1 ? [1] : []))
        default: return nil
        }
    }

    /// Everything under way comes in an order of chance; time passes when nothing is.
    mutating func run(
        _ terms: SnapshotSync<Blake2b>.Terms = .init(worthwhile: 1, boundEpochs: nil),
        through checkpoint: LightClient.Checkpoint? = nil
    ) {
        var guide = LightClient(chain: chain.chain, epochLength: chain.epochLength, founders: chain.committee)
        if let checkpoint { guide.require(checkpoint, hash: chain.hash) }
        var sync = SnapshotSync(guide: guide, terms, hash: chain.hash)
        waiting = [.start] + peers.filter { !late.contains($0) }.map { .peerJoined($0) }
        var rounds = 0
        while rounds < 100_000, !took, ending == nil {
            rounds += 1
            if waiting.isEmpty, desk.isEmpty {
                guard let alarm else { break }
                (now, self.alarm) = (alarm, nil)
                waiting = [.timer]
            }
            if !late.isEmpty, sync.progress != nil {
                waiting += late.map { .peerJoined($0) }
                late = []
            }
            if case .answered(_, _, let peer)? = waiting.first, leaves, sync.progress != nil {
                leaves = false
                waiting.append(.peerLeft(peer))
            }
            let input = next(inOrder: rounds <= peers.count + 1)
            var effects: [SnapshotSync<Blake2b>.Effect] = []
            sync.handle(input, at: now, into: &effects)
            for effect in effects { carryOut(effect) }
            mostUnderWay = max(mostUnderWay, waiting.count + desk.count)
        }
    }

    /// Peers answer in any order, the disk in its own.
    private mutating func next(inOrder: Bool) -> SnapshotSync<Blake2b>.Input {
        let place = inOrder ? 0 : Int(random.below(UInt64(waiting.count + min(1, desk.count))))
        return place < waiting.count ? waiting.remove(at: place) : desk.removeFirst()
    }

    private mutating func carryOut(_ effect: SnapshotSync<Blake2b>.Effect) {
        switch effect {
        case .ask(let request, let peer):
            asks[peer, default: 0] += 1
            waiting.append(
                answer(request, by: peer).map { .answered($0, to: request, from: peer) }
                    ?? .unanswered(request, by: peer))
        case .follow(let guide, let handoffs, let peer):
            desk.append(
                .followed(HandoffCheck(handoffs, by: peer, after: guide, hash: chain.hash, using: ToyKeys())))
        case .open:
            written = []
            opens += 1
            desk.append(opens == failingOpen ? .notOpened : .opened)
        case .write(let bytes):
            written.append(bytes)
            writes += 1
            desk.append(writes == failingWrite ? .failed(isLie: false) : .written)
        case .takeOver:
            took = written == parts
            if !took {
                refusals += 1
                desk.append(.failed(isLie: true))
            }
        case .giveUp(let ending): self.ending = ending
        case .distrust(let peer):
            distrusted.append(peer)
            waiting.append(.peerLeft(peer))
        case .setTimer(let instant): alarm = instant
        }
    }
}

@Suite struct SnapshotSyncTests {
    private let chain: WrittenChain

    init() throws {
        chain = try WrittenChain(epochs: 5, of: 20)
    }

    /// One honest peer that has it is enough, whatever the other six do.
    @Test(arguments: 1...300 as ClosedRange<UInt64>)
    func oneHonestPeerIsEnough(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var lies: [Lie?] = (0..<6).map { _ in Lie(rawValue: Int(random.below(UInt64(Lie.allCases.count)))) }
        lies.insert(nil, at: Int(random.below(7)))
        var beginning = Beginning(chain, parts: 1 + Int(random.below(200)), lies: lies, seed: seed)
        beginning.run()
        #expect(beginning.took, "\(lies)")
        #expect(beginning.ending == nil)
        let blameless: [Lie?] = [nil, .hasNone, .withholds, .isShort, .silence]
        #expect(beginning.distrusted.allSatisfy { !blameless.contains(beginning.liars[$0]) })
        #expect(beginning.refusals <= 1)
        #expect(beginning.mostUnderWay < 64)
    }

    /// Whoever offers other entries under the true root is found out by the whole, and all who agreed with it.
    @Test func aPoisonedMajorityIsFoundOutAndDistrusted() {
        var beginning = Beginning(chain, parts: 9, lies: [.poisoned, .poisoned, nil, .poisoned], seed: 1)
        beginning.run()
        #expect(beginning.took && beginning.refusals == 1)
        #expect(beginning.distrusted.count == 3)
    }

    /// Neither is ever done with: a question that nobody asks again, and a file without an end to reach.
    @Test(arguments: [[Lie.otherKindOfChunk, nil, .otherKindOfChunk], [.empty, nil, .empty]])
    private func nobodyMakesTheNewcomerWaitForEver(lies: [Lie?]) {
        var beginning = Beginning(chain, parts: 9, lies: lies, seed: 5)
        beginning.run()
        #expect(beginning.took)
        #expect(beginning.distrusted.count == 2)
    }

    /// What a peer gives in a second is limited: it is left alone for a while, not left.
    @Test func aPeerThatMindsItsLinksGivesTheWholeInTheEnd() {
        var beginning = Beginning(chain, parts: 200, lies: [.isShort], seed: 4)
        beginning.run()
        #expect(beginning.took && beginning.now < .origin + .seconds(60))
    }

    /// Who comes late is asked too, also when there is nobody else who has it.
    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func whoComesLateHelps(seed: UInt64) {
        var beginning = Beginning(chain, parts: 150, lies: [nil, nil, .hasNone, .poisoned], seed: seed)
        beginning.late = [beginning.peers[1]]
        beginning.leaves = true
        beginning.run()
        #expect(beginning.took)
    }

    @Test func thoseBeyondTheLimitAreSpares() {
        var beginning = Beginning(
            chain, parts: 9, lies: [Lie?](repeating: .forgedHandoffs, count: 20) + [nil], seed: 6)
        beginning.run()
        #expect(beginning.took && !beginning.distrusted.isEmpty)
    }

    /// No room for a file is nobody's lie; what was under way for it is not taken for the next.
    @Test(arguments: 1...40 as ClosedRange<UInt64>)
    func aFullDiskIsNobodysLie(seed: UInt64) {
        var beginning = Beginning(chain, parts: 30, lies: [.poisoned, .poisoned, nil], seed: seed)
        beginning.failingWrite = Int(1 + seed % 30)
        beginning.run()
        #expect(beginning.took && beginning.refusals == 0)
        #expect(beginning.distrusted.isEmpty)
    }

    /// One file that cannot be begun costs no time and no peer, and the next can.
    @Test func aFileThatCannotBeBegunIsGivenUpAtOnce() {
        var beginning = Beginning(chain, parts: 30, lies: [.poisoned, .poisoned, nil], seed: 8)
        beginning.failingOpen = 1
        beginning.run()
        #expect(beginning.took && beginning.refusals == 0 && beginning.distrusted.isEmpty)
        #expect(beginning.now < .origin + .seconds(10))
    }

    @Test func trustIsAsOldAsStakeIsBound() throws {
        var client = LightClient(chain: chain.chain, epochLength: 20, founders: chain.committee)
        try client.follow(chain.handoffs[0], hash: chain.hash, using: ToyKeys())
        try client.follow(chain.handoffs[1], hash: chain.hash, using: ToyKeys())
        let terms = SnapshotSync<Blake2b>.Terms(worthwhile: 1, boundEpochs: 4)

        var unguarded = Beginning(chain, parts: 9, lies: [nil], seed: 7)
        unguarded.run(terms)
        #expect(unguarded.ending == .staleTrust(epochs: 5))

        var guarded = Beginning(chain, parts: 9, lies: [nil], seed: 7)
        guarded.run(terms, through: client.checkpoint(hash: chain.hash))
        #expect(guarded.took)

        var elsewhere = Beginning(chain, parts: 9, lies: [nil, .silence], seed: 7)
        elsewhere.run(terms, through: .init(epoch: Epoch(2), committee: .zero))
        #expect(elsewhere.ending == .checkpointNotReached(Epoch(2)))
        #expect(elsewhere.distrusted == [elsewhere.peers[0]])
        var alone = Beginning(chain, parts: 9, lies: [nil], seed: 7)
        alone.run(terms, through: .init(epoch: Epoch(2), committee: .zero))
        #expect(alone.ending == .checkpointNotReached(Epoch(2)))
    }

    @Test func withoutASnapshotTheChainBeginsWithGenesis() {
        var beginning = Beginning(chain, parts: 3, lies: [.hasNone, .silence, .otherRoot, .poisoned], seed: 2)
        beginning.run()
        #expect(!beginning.took && beginning.ending == .nobodyHasOne(Height(80)))
    }

    @Test func aShortChainIsNotWorthIt() throws {
        let one = try WrittenChain(epochs: 1, of: 20)
        var beginning = Beginning(one, parts: 3, lies: [.hasNone], seed: 3)
        beginning.run()
        #expect(beginning.ending == .shortChain(Height(20)))
    }

    @Test func nobodyThereIsWaitedForOnlySoLong() {
        var sync = SnapshotSync(
            guide: LightClient(chain: chain.chain, epochLength: 20, founders: chain.committee),
            .init(worthwhile: 1, boundEpochs: nil), hash: chain.hash)
        var effects: [SnapshotSync<Blake2b>.Effect] = []
        sync.handle(.start, at: .origin, into: &effects)
        #expect(effects == [.setTimer(at: .origin + .seconds(1))])
        sync.handle(.timer, at: .origin + .seconds(4), into: &effects)
        #expect(effects.count == 2)
        sync.handle(.timer, at: .origin + .seconds(5), into: &effects)
        #expect(effects.last == .giveUp(.nobodyThere))
    }
}
