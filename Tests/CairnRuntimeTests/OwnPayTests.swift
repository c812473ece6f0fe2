import CairnBase
import CairnConsensus
import CairnCrypto
import CairnWire
import Testing

@testable import CairnLedger
@testable import CairnRuntime

/// What a node's devices were paid and its validator lost, as the state of a chain says it.
@Suite struct OwnPayTests {
    private struct Records: StateReader {
        var values: [StateKey: [UInt8]] = [:]
        let tree = CommittedTree()

        func value(for key: StateKey) -> [UInt8]? { values[key] }
        func bucket(at place: TreePath) throws(StateError) -> TreeBucket { throw .damagedBucket(place) }

        mutating func store<Value: Record>(_ key: RecordKey<Value>, _ value: Value) { values[key.key] = value.encoded }
    }

    private let device = PublicKey(.zero)
    private let resource = ResourceID(Blake2b().digest(DomainTag("cn/test"), [1]).raw)

    /// Of a chain with blocks so many to an epoch, whose bonds are liable for five epochs.
    private func records(epochBlocks: UInt64) -> Records {
        var records = Records()
        var parameters = Parameters(.testnet)
        parameters[.epochBlocks] = epochBlocks
        records.store(.parameters, parameters)
        records.store(.device(device), ResourceName(resource))
        return records
    }

    /// That much for one verdict.
    private func reward(_ units: UInt64, reasons: UInt64 = 0) throws -> Reward {
        var writer = ByteWriter()
        writer.u16(Profile.allCases[0].rawValue)
        for _ in 0..<2 { writer.u64(0) }
        for _ in 0..<3 { writer.u32(0) }
        for _ in 0..<2 { writer.u64(0) }
        writer.u32(1)
        writer.u64(reasons)
        Amount(units: units).encode(into: &writer)
        for _ in 0..<5 { Amount.zero.encode(into: &writer) }
        return try Reward.decode(writer.bytes, limit: 1_000)
    }

    private func pay(_ records: Records, before epoch: UInt64, holding: [Contradiction] = []) throws -> OwnPay {
        try OwnPay(of: [device], votingAs: device, holding: holding, before: Epoch(epoch), in: records)
    }

    /// Ten blocks to an epoch: an epoch is settled six later.
    @Test(arguments: [(10, 6), (30, 2), (600, 1)] as [(UInt64, UInt64)])
    func theNewestSettledEpochIsFound(epochBlocks: UInt64, lag: UInt64) throws {
        var records = records(epochBlocks: epochBlocks)
        for epoch in 0..<20 as Range<UInt64> {
            records.store(.reward(Epoch(epoch), resource), try reward(1_000 + epoch))
        }
        #expect(try pay(records, before: lag).epoch == nil)
        let first = try pay(records, before: lag + 1)
        #expect(first.epoch == Epoch(0) && first.rows.map(\.reward.total.units) == [1_000])
        #expect(try pay(records, before: 15).epoch == Epoch(14 - lag))
    }

    @Test func whatIsPaidFromTheFirstEpochOnCounts() throws {
        var records = records(epochBlocks: 30)
        for epoch in 0..<9 as Range<UInt64> { records.store(.reward(Epoch(epoch), resource), try reward(10)) }
        var young = OwnPayTotals()
        young.take(try pay(records, before: 0))
        #expect(young.newest == nil)
        for epoch in 1...4 as ClosedRange<UInt64> { young.take(try pay(records, before: epoch)) }
        #expect(young.newest?.epoch == Epoch(1) && young.paidUnits == 20)
        young.take(try pay(records, before: 3))
        #expect(young.newest?.epoch == Epoch(1) && young.paidUnits == 20)

        var later = OwnPayTotals()
        later.take(try pay(records, before: 4))
        #expect(later.newest?.epoch == Epoch(1) && later.paidUnits == 0, "that was paid before the start")
        later.take(try pay(records, before: 5))
        #expect(later.paidUnits == 10)
    }

    /// Also for an epoch long ago, before anything is settled, and once.
    @Test func whatIsLostSinceTheStartCounts() throws {
        var records = records(epochBlocks: 600)
        let loss = Punishment(slashed: Amount(units: 7), reporter: AccountID(.zero))
        records.store(.punishment(of: device, in: Epoch(3)), loss)
        var totals = OwnPayTotals()
        totals.take(try pay(records, before: 8))
        #expect(totals.slashedUnits == 0, "that was lost before the start")
        records.store(.punishment(of: device, in: Epoch(4)), loss)
        for epoch in 8...12 as ClosedRange<UInt64> { totals.take(try pay(records, before: epoch)) }
        #expect(totals.slashedUnits == 7)
        totals.take(try pay(records, before: 7))
        #expect(totals.slashedUnits == 7)

        var young = OwnPayTotals()
        young.take(try pay(self.records(epochBlocks: 600), before: 0))
        records.store(.punishment(of: device, in: Epoch(0)), loss)
        young.take(try pay(records, before: 0))
        #expect(young.slashedUnits == 7)
    }

    @Test func evidenceIsClosedByAPunishmentOrByTime() throws {
        let zero = Signature(r: .zero, s: .zero)
        let votes = (1...2 as ClosedRange<UInt8>).map { number in
            Contradiction.Vote(
                kind: .notarize, block: Blake2b().digest(DomainTag("cn/test"), [number]), signature: zero)
        }
        let made = try (1...3 as ClosedRange<UInt64>).map { epoch in
            try #require(Contradiction(key: device, epoch: Epoch(epoch), view: View(3), votes[0], votes[1]))
        }
        var records = records(epochBlocks: 30)
        #expect(try pay(records, before: 6, holding: made).closed == [])
        #expect(try pay(records, before: 7, holding: made).closed == [made[0]], "bonds are liable for five epochs")
        records.store(
            .punishment(of: device, in: Epoch(2)), Punishment(slashed: .zero, reporter: AccountID(.zero)))
        #expect(try pay(records, before: 6, holding: made).closed == [made[1]])
    }

    private func paths(_ name: String, _ value: JSON) -> Set<String> {
        if let object = value.object {
            return object.reduce(into: []) { $0.formUnion(paths("\(name).\($1.key)", $1.value)) }
        }
        if let list = value.array { return list.reduce(into: []) { $0.formUnion(paths(name + "[]", $1)) } }
        return ["\(name) \(value.string == nil ? "number" : "string")"]
    }

    /// No short test network settles an epoch, so that the golden document's part about pay is written by hand.
    @Test func theGoldenDocumentHasThisShape() throws {
        var records = records(epochBlocks: 600)
        records.store(.reward(Epoch(0), resource), try reward(5, reasons: .max))
        let shape = paths("rewards", try pay(records, before: 2).json)
        let tests = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(2).joined(separator: "/")
        let golden = try SmallFile.read(tests + "/CairnCLITests/Transcripts/documents-network.txt", limit: 1 << 20)
        let lines = String(decoding: golden, as: UTF8.self).split(separator: "\n").map(String.init)
        let written = lines.filter { $0.hasPrefix("rewards.") && ($0.hasSuffix(" number") || $0.hasSuffix(" string")) }
        #expect(Set(written) == shape)
        #expect(shape.count == 7)
    }
}
