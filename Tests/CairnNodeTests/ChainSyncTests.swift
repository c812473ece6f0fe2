import CairnBase
import CairnConsensus
import CairnCrypto
import CairnWire
import Testing

@testable import CairnNode

/// How a peer misleads.
private enum Lie: Int, CaseIterable {
    case otherPayload, otherHeader, shortAnswer, forgedHandoff, otherKind, emptyHanded, silence, refusal

    /// What it answers, and nothing where it does not have what was asked for or leaves it unanswered.
    func answer(_ truth: HistoryAnswer) -> HistoryAnswer? {
        switch (self, truth) {
        case (.silence, _), (.refusal, _): return nil
        case (.emptyHanded, .handoffs): return .handoffs([])
        case (.emptyHanded, .headers): return .headers([])
        case (.emptyHanded, .payloads): return .payloads([])
        case (.otherKind, .handoffs): return .payloads([.empty])
        case (.otherKind, _): return .handoffs([])
        case (.otherPayload, .payloads(let payloads)):
            return .payloads(payloads.dropLast() + [Payload(bytes: [1])])
        case (.otherHeader, .headers(let headers)): return .headers(headers.reversed())
        case (.shortAnswer, .headers(let headers)) where headers.count > 1: return .headers(headers.dropLast())
        case (.shortAnswer, .payloads(let payloads)) where payloads.count > 1: return .payloads(payloads.dropLast())
        case (.forgedHandoff, .handoffs(let handoffs)):
            return .handoffs(Array(handoffs.dropFirst()) + Array(handoffs.prefix(1)))
        default: return truth
        }
    }
}

/// A node far behind, five peers, and the time between them.
private struct Race {
    let chain: WrittenChain
    let liars: [NodeID: Lie]
    let peers: [NodeID]
    private(set) var delivered = 0
    private(set) var distrusted: [NodeID] = []
    private(set) var time = Instant.origin
    private(set) var isInOrder = true

    init(_ chain: WrittenChain, lies: [Lie]) {
        self.chain = chain
        peers = (0..<5 as Range<UInt8>).map { NodeID(Blake2b().digest(DomainTag("cn/test"), [7, $0]).raw) }
        liars = Dictionary(uniqueKeysWithValues: zip(peers, lies))
    }

    /// One way takes 50 ms, executing a block one.
    mutating func run(until limit: TimeSpan) {
        var book = SyncPeers()
        for peer in peers {
            book.join(peer)
            book.note(peer, claims: Epoch(UInt64(chain.handoffs.count)))
        }
        var sync = ChainSync(
            guide: LightClient(chain: chain.chain, epochLength: chain.epochLength, founders: chain.committee),
            from: .genesis, chain.genesis, executed: .genesis, hash: chain.hash)
        var underWay: [(at: Instant, peer: NodeID, request: HistoryRequest, answer: HistoryAnswer?)] = []
        var executed: UInt64 = 0
        while delivered < chain.blocks.count, time < Instant.origin + limit {
            var steps = sync.advance(&book, executed: Height(executed), at: time)
            while !steps.isEmpty {
                switch steps.removeFirst() {
                case .ask(let peer, let request):
                    let truth = chain.answer(request)
                    let answer = liars[peer].map { $0.answer(truth) } ?? truth
                    let way = TimeSpan.milliseconds(liars[peer] == .silence ? 5_000 : 100)
                    underWay.append((time + way, peer, request, answer))
                case .follow(let guide, let handoffs, let peer):
                    let check = HandoffCheck(handoffs, by: peer, after: guide, hash: chain.hash, using: ToyKeys())
                    steps += sync.followed(check.found, check.guide)
                    if !check.isWhole { steps += sync.distrust(peer, &book, at: time) }
                case .block(let block, _):
                    isInOrder = isInOrder && block == chain.blocks[delivered]
                    delivered += 1
                case .distrust(let peer): distrusted.append(peer)
                case .fork: isInOrder = false
                }
            }
            time = time + .milliseconds(10)
            executed = min(UInt64(delivered), executed + 10)
            let due = underWay.filter { $0.at <= time }
            underWay.removeAll { $0.at <= time }
            for one in due {
                guard let answer = one.answer else {
                    sync.unanswered(one.request, by: one.peer, &book, at: time)
                    continue
                }
                for step in sync.receive(answer, to: one.request, from: one.peer, &book, at: time) {
                    switch step {
                    case .follow(let guide, let handoffs, let peer):
                        let check = HandoffCheck(
                            handoffs, by: peer, after: guide, hash: chain.hash, using: ToyKeys())
                        _ = sync.followed(check.found, check.guide)
                        if !check.isWhole {
                            _ = sync.distrust(peer, &book, at: time)
                            distrusted.append(peer)
                        }
                    case .distrust(let peer): distrusted.append(peer)
                    default: isInOrder = false
                    }
                }
            }
        }
    }
}

@Suite struct ChainSyncTests {
    /// Ten thousand blocks at one a second would take the chain ten thousand seconds.
    @Test func `ten thousand blocks with two of five peers lying, ten times as fast as the chain`() throws {
        let chain = try WrittenChain(epochs: 100, of: 100)
        var race = Race(chain, lies: [.otherPayload, .forgedHandoff])
        race.run(until: .seconds(1_000))
        #expect(race.delivered == 10_000 && race.isInOrder)
        #expect(race.time < Instant.origin + .seconds(100))
    }

    @Test func `every pair of lies is seen through, and nobody honest is distrusted`() throws {
        let chain = try WrittenChain(epochs: 6, of: 20)
        for one in Lie.allCases {
            for other in Lie.allCases {
                var race = Race(chain, lies: [one, other])
                race.run(until: .seconds(120))
                #expect(race.delivered == 120 && race.isInOrder, "\(one) and \(other)")
                #expect(race.distrusted.allSatisfy { race.liars[$0] != nil }, "\(one) and \(other)")
            }
        }
    }

    /// While handoffs are being checked, a lie of somebody else must not have them asked for again: the second answer would
    /// begin where the first no longer ends, and whoever gave it would be taken for a liar.
    @Test func `handoffs under check are not asked for again because of another's lie`() throws {
        let chain = try WrittenChain(epochs: 6, of: 20)
        let peers = (0..<3 as Range<UInt8>).map { NodeID(Blake2b().digest(DomainTag("cn/test"), [7, $0]).raw) }
        var book = SyncPeers()
        for peer in peers {
            book.join(peer)
            book.note(peer, claims: Epoch(6))
        }
        var sync = ChainSync(
            guide: LightClient(chain: chain.chain, epochLength: chain.epochLength, founders: chain.committee),
            from: .genesis, chain.genesis, executed: .genesis, hash: chain.hash)
        let first = sync.advance(&book, executed: .genesis, at: .origin)
        guard case .ask(let peer, let request)? = first.first, first.count == 1 else {
            Issue.record("one question, for handoffs, is the first step: \(first)")
            return
        }
        let checking = sync.receive(chain.answer(request), to: request, from: peer, &book, at: .origin)
        guard case .follow(let guide, let handoffs, _)? = checking.first else {
            Issue.record("they are checked: \(checking)")
            return
        }
        let liar = try #require(peers.first { $0 != peer })
        _ = sync.distrust(liar, &book, at: .origin)
        #expect(sync.advance(&book, executed: .genesis, at: .origin).isEmpty)
        let check = HandoffCheck(handoffs, by: peer, after: guide, hash: chain.hash, using: ToyKeys())
        #expect(check.isWhole)
        _ = sync.followed(check.found, check.guide)
        #expect(!sync.advance(&book, executed: .genesis, at: .origin).isEmpty)
    }

    @Test func `a claimed epoch moves the claimed target only, handoffs that hold move the proven one`() throws {
        let chain = try WrittenChain(epochs: 6, of: 20)
        var sync = ChainSync(
            guide: LightClient(chain: chain.chain, epochLength: chain.epochLength, founders: chain.committee),
            from: .genesis, chain.genesis, executed: .genesis, hash: chain.hash)
        #expect(sync.target(claimed: Epoch(1_000)) == SyncTarget(proven: .genesis, claimed: Height(20_000)))
        guard case .handoffs(let handoffs) = chain.answer(.handoffs(from: Epoch(0))) else {
            Issue.record("the chain has handoffs")
            return
        }
        let check = HandoffCheck(handoffs, by: NodeID(.zero), after: sync.guide, hash: chain.hash, using: ToyKeys())
        _ = sync.followed(check.found, check.guide)
        #expect(sync.target(claimed: Epoch(0)) == SyncTarget(proven: Height(120), claimed: Height(120)))
        sync.want(through: Epoch(8))
        #expect(sync.target(claimed: Epoch(7)) == SyncTarget(proven: Height(160), claimed: Height(160)))
    }

    @Test func `serving is limited for each peer and comes back with time`() {
        var allowance = ServingAllowance()
        let (one, other) = (NodeID(.zero), NodeID(Blake2b().digest(DomainTag("cn/test"), [1]).raw))
        let request = HistoryRequest.block(.zero)
        var answered = 0
        for _ in 0..<1_000 where allowance.take(request, by: one, at: .origin) { answered += 1 }
        #expect(answered == Int(ServingAllowance.burst))
        #expect(allowance.refused == 1_000 - ServingAllowance.burst)
        let othersTurn = allowance.take(request, by: other, at: .origin)
        #expect(othersTurn)
        var later = 0
        let second = Instant.origin + .seconds(1)
        for _ in 0..<1_000 where allowance.take(request, by: one, at: second) { later += 1 }
        #expect(later == Int(ServingAllowance.perSecond))
    }
}
