import CairnBase
import CairnConsensus
import CairnCrypto
import CairnWire
import CairnWitness
import Testing

@testable import CairnNode

/// Blocks that are asked for one by one, and the past as it is served.
@Suite struct FetchTests {
    private let chain: WrittenChain
    private let peer = NodeID(Bytes32([UInt8](repeating: 7, count: 32)) ?? .zero)

    init() throws {
        chain = try WrittenChain(epochs: 1, of: 20)
    }

    /// - Parameter height: of the newest block that is executed.
    private func core(at height: UInt64 = 0) -> NodeCore<Blake2b> {
        let anchor = Anchor(block: chain.genesis, height: .genesis, time: 0, randomness: .zero)
        let plan = EpochPlan(
            epoch: Epoch(0), committee: chain.committee, nextCommittee: chain.committee.hash(using: chain.hash),
            startState: .zero, middle: .zero, anchor: anchor)
        let consensus = Consensus(
            chain: chain.chain, key: nil, plan: plan,
            parameters: ConsensusParameters(pace: .zero, epochLength: chain.epochLength), hash: chain.hash)
        let newest = chain.blocks.prefix(Int(height)).last?.header.digest(using: chain.hash) ?? anchor.block
        var core = NodeCore(
            chain: chain.chain, consensus: consensus,
            executed: Anchor(block: newest, height: Height(height), time: 0, randomness: .zero), hash: chain.hash)
        var effects: [NodeEffect] = []
        core.handle(.consensus(.start(recovered: nil, nonce: 1)), at: .origin, into: &effects)
        core.handle(.peerJoined(peer), at: .origin, into: &effects)
        return core
    }

    private func effects(of input: NodeInput, on core: inout NodeCore<Blake2b>) -> [NodeEffect] {
        var effects: [NodeEffect] = []
        core.handle(input, at: .origin + .seconds(1), into: &effects)
        return effects
    }

    private func isDistrusted(_ effects: [NodeEffect]) -> Bool {
        effects.contains { if case .distrust(peer) = $0 { true } else { false } }
    }

    @Test func onlyTheBlockThatWasAskedForIsTaken() {
        let (wanted, other) = (chain.blocks[3], chain.blocks[4])
        let request = HistoryRequest.block(wanted.header.digest(using: chain.hash))
        let cut = Block(header: wanted.header, payload: Payload(bytes: [1, 2, 3]))
        for lie in [HistoryAnswer.block(other), .block(cut), .headers([wanted.header]), .payloads([])] {
            var core = core()
            #expect(isDistrusted(effects(of: .history(lie, to: request, from: peer), on: &core)), "\(lie)")
        }
        var core = core()
        #expect(!isDistrusted(effects(of: .history(.block(wanted), to: request, from: peer), on: &core)))
        #expect(!isDistrusted(effects(of: .unanswered(request, by: peer), on: &core)))
    }

    /// A block that lies damaged is asked for, once at a time, and handed to the store only when it is the one that was named.
    @Test func aDamagedBlockIsFetched() {
        var core = core(at: 10)
        let (block, other) = (chain.blocks[3], chain.blocks[4])
        let digest = block.header.digest(using: chain.hash)
        let request = HistoryRequest.block(digest)
        func asks(_ found: [NodeEffect]) -> Bool {
            found.contains { if case .ask(request, peer) = $0 { true } else { false } }
        }
        let damaged = NodeInput.damaged(digest, at: Height(4))
        #expect(asks(effects(of: damaged, on: &core)))
        #expect(!asks(effects(of: damaged, on: &core)))
        _ = effects(of: .unanswered(request, by: peer), on: &core)
        #expect(asks(effects(of: damaged, on: &core)))
        #expect(isDistrusted(effects(of: .history(.block(other), to: request, from: peer), on: &core)))
        #expect(asks(effects(of: damaged, on: &core)))
        let found = effects(of: .history(.block(block), to: request, from: peer), on: &core)
        #expect(found.contains { if case .repair(block, digest) = $0 { true } else { false } })
        #expect(found.count == 1)
        // What is not executed yet is no damage, whoever says so.
        #expect(effects(of: .damaged(digest, at: Height(11)), on: &core).isEmpty)
        // Nor is one taken for the height of another.
        _ = effects(of: .damaged(digest, at: Height(5)), on: &core)
        let wrong = effects(of: .history(.block(block), to: request, from: peer), on: &core)
        #expect(!wrong.contains { if case .repair = $0 { true } else { false } })
    }

    @Test func everyQuestionIsRepliedToOrLookedUp() {
        var core = core()
        var (lookedUp, refused): (Set<UInt64>, Set<UInt64>) = ([], [])
        for ticket in 1...300 as ClosedRange<UInt64> {
            for effect in effects(of: .wanted(.block(.zero), by: peer, ticket: ticket), on: &core) {
                if case .serve(.block(.zero), ticket) = effect { lookedUp.insert(ticket) }
                if case .reply(nil, ticket) = effect { refused.insert(ticket) }
            }
        }
        #expect(lookedUp == Set(1...ServingAllowance.burst) && refused.count == 300 - lookedUp.count)
    }

    /// Whatever else comes in place of receipts is a lie; not having them is none.
    @Test func anAnswerForReceiptsIsReceipts() {
        let request = HistoryRequest.receipts(WantedReceipts(challenge: .zero, root: .zero))
        var core = core()
        #expect(isDistrusted(effects(of: .history(.payloads([]), to: request, from: peer), on: &core)))
        #expect(!isDistrusted(effects(of: .unanswered(request, by: peer), on: &core)))
    }
}
