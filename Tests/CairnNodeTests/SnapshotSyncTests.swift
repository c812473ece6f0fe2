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

    private func answer(_ request: HistoryRequest, by peer: NodeID) -> HistoryAnswer? {
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
            guard lie != .withholds, contents(held).header.chunkList == list else { return nil }
            return .chunk(held[Int(number)] + (lie == .alteredChunk && number % 3 == 1 ? [1] : []))
        default: return nil
        }
    }

    /// Everything under way comes in an order of chance. Peers come and go once.
    mutating func run() {
        var sync = SnapshotSync(
            guide: LightClient(chain: chain.chain, epochLength: chain.epochLength, founders: chain.committee),
            worthwhile: 1, hash: chain.hash)
        var waiting: [SnapshotSync<Blake2b>.Input] = [.start] + peers.map { .peerJoined($0) }
        var rounds = 0
        while !waiting.isEmpty, rounds < 100_000 {
            rounds += 1
            let first = rounds <= peers.count + 1
            let input = waiting.remove(at: first ? 0 : Int(random.below(UInt64(waiting.count))))
            var effects: [SnapshotSync<Blake2b>.Effect] = []
            sync.handle(input, at: .origin, into: &effects)
            for effect in effects { waiting += carryOut(effect) }
            mostUnderWay = max(mostUnderWay, waiting.count)
        }
    }

    private mutating func carryOut(_ effect: SnapshotSync<Blake2b>.Effect) -> [SnapshotSync<Blake2b>.Input] {
        switch effect {
        case .ask(let request, let peer):
            guard let answer = answer(request, by: peer) else { return [.unanswered(request, by: peer)] }
            return [.answered(answer, to: request, from: peer)]
        case .follow(let guide, let handoffs, let peer):
            return [.followed(HandoffCheck(handoffs, by: peer, after: guide, hash: chain.hash, using: ToyKeys()))]
        case .open: written = []
        case .write(let bytes):
            written.append(bytes)
            return [.written]
        case .takeOver:
            took = written == parts
            if !took { refusals += 1 }
            return took ? [] : [.refused]
        case .giveUp(let ending): self.ending = ending
        case .distrust(let peer):
            distrusted.append(peer)
            return [.peerLeft(peer)]
        case .setTimer: break
        }
        return []
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
        let blameless: [Lie?] = [nil, .hasNone, .withholds, .silence]
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
            guide: LightClient(chain: chain.chain, epochLength: 20, founders: chain.committee), worthwhile: 1,
            hash: chain.hash)
        var effects: [SnapshotSync<Blake2b>.Effect] = []
        sync.handle(.start, at: .origin, into: &effects)
        #expect(effects == [.setTimer(at: .origin + .seconds(5))])
        sync.handle(.timer, at: .origin + .seconds(5), into: &effects)
        #expect(effects.last == .giveUp(.nobodyThere))
    }
}
