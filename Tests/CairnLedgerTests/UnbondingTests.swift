import CairnBase
import CairnCrypto
import CairnWire
import Testing

@testable import CairnLedger

/// Stake can be taken for what its validator did until the delay is over, and the delay counts from the end of the last
/// committee it sits in (K10): counted from the request, it would be free while its key still signs.
@Suite struct UnbondingTests {
    private static let epochBlocks: UInt64 = 60

    /// Takes five hundred tokens of a founder's back in one block and tries to have them in another.
    private func withdraws(at height: UInt64, unbondedAt request: UInt64) throws -> Bool {
        let genesis = try Genesis(json: JSONReader.read(Array(GenesisTests.file.utf8), limits: Genesis.jsonLimits))
        let ledger = Ledger(chain: genesis.chain(using: Blake2b()), hash: Blake2b())
        var state = MemoryState()
        state.commit(try ledger.begin(genesis))
        var outcomes: [Outcome] = []
        for number in 1...height {
            var actions: [Action] = []
            if number == request { actions.append(.unbond(Amount(units: 50 * Amount.one.units))) }
            if number == height { actions.append(.withdraw) }
            let nonce = try state.load(.account(account(1)))?.nonce ?? 0
            let context = BlockContext(
                height: Height(number), epoch: genesis.parameters.epoch(of: Height(number)), proposer: account(1),
                time: number, parent: .zero)
            let block = LedgerBlock(
                context: context,
                transactions: actions.map {
                    Transaction.vouched(from: account(1), nonce: nonce, chain: ledger.chain, $0)
                })
            let outcome = try ledger.apply(block, to: state)
            outcomes += outcome.receipts.map(\.outcome)
            state.commit(outcome)
        }
        try #require(outcomes.first == .applied)
        return outcomes.last == .applied
    }

    @Test func stakeIsLiableFromItsLastCommitteeOn() throws {
        let parameters = try Genesis(
            json: JSONReader.read(Array(GenesisTests.file.utf8), limits: Genesis.jsonLimits)
        ).parameters
        let delay = parameters[.unbondingPeriods] * parameters[.epochsPerPeriod] * Self.epochBlocks
        // Asked for in the first epoch; the committees of it and of the next are fixed already.
        let counted = 2 * Self.epochBlocks + 1 + delay
        #expect(try !withdraws(at: 2 + delay, unbondedAt: 2), "free while its key may still sign")
        #expect(try !withdraws(at: counted - 1, unbondedAt: 2))
        #expect(try withdraws(at: counted, unbondedAt: 2))
        #expect(try withdraws(at: counted, unbondedAt: Self.epochBlocks), "all of an epoch's requests leave together")
        #expect(try !withdraws(at: counted, unbondedAt: Self.epochBlocks + 1))
    }
}

/// Releases that do not follow one another, as after a vote for a shorter delay.
@Suite struct StakeQueueTests {
    @Test func `whatever is free is paid, wherever it stands in the queue, and nothing else leaves it`() {
        var random = SeededRandom(seed: 11)
        for _ in 0..<500 {
            var stake = Stake()
            var expected: [(amount: UInt64, release: UInt64)] = []
            for _ in 0..<random.below(17) {
                let (amount, release) = (1 + random.below(1_000), random.below(40))
                let isQueued = stake.queue(Amount(units: amount), release: Height(release))
                #expect(isQueued)
                expected.append((amount, release))
            }
            for height in stride(from: UInt64(0), through: 40, by: 1 + Int(random.below(9))) {
                let before = stake.atRisk
                let free = stake.withdraw(at: Height(height))
                let due = expected.filter { $0.release <= height }.reduce(UInt64(0)) { $0 + $1.amount }
                expected.removeAll { $0.release <= height }
                #expect(free.units == due && stake.atRisk == before.minus(free))
                #expect(stake.unbonding.map(\.amount.units) == expected.map(\.amount))
            }
        }
    }

    @Test func `the longest list of objects fits into half a chunk of a snapshot`() {
        var list = ObjectList()
        for number in 0..<3 as Range<UInt64> {
            var writer = ByteWriter()
            writer.u64(number)
            list.insert(Blake2b().digest(DomainTag("cn/test"), writer.bytes))
        }
        let perObject = (list.encoded.count - ObjectList().encoded.count) / 3
        #expect(perObject == 32 && ObjectList.idsMax * perObject + 1_024 <= SnapshotHeader.chunkBytesMax / 2)
    }
}
