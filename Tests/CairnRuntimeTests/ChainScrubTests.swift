import CSQLite
import CairnBase
import CairnStore
import CairnWire
import Testing

@testable import CairnRuntime

@Suite(.serialized) struct ChainScrubTests {
    private func step(_ rows: Int, _ damage: [RowDamage] = [], isLast: Bool = false) -> ChainScrubStep {
        ChainScrubStep(next: isLast ? .start : .state(.zero), isLast: isLast, rows: rows, damage: damage)
    }

    private func block(_ height: UInt64) -> RowDamage {
        RowDamage(row: "block \(height)", block: WantedBlock(height: Height(height), digest: .zero))
    }

    @Test func aRowIsNamedOnceAndUntilItIsWhole() {
        var scrub = ChainScrub(Limits.Scrub(), nil)
        #expect(scrub.take(step(3, [block(1), RowDamage(row: "state a")])).count == 2)
        #expect(scrub.take(step(3, [block(1)], isLast: true)).isEmpty)
        #expect(scrub.rows == ["block 1", "state a"] && scrub.passes == 1)
        // The next pass does not meet the entry again: it was written anew meanwhile.
        #expect(scrub.take(step(3, [block(1)], isLast: true)).isEmpty)
        #expect(scrub.rows == ["block 1"])
        scrub.repaired(Height(1), .restored)
        #expect(scrub.rows.isEmpty && scrub.counters.restored == 1)
        #expect(scrub.counters.rows == 9 && scrub.counters.damaged == 4)
    }

    @Test func blocksAreWantedInTurn() {
        var limits = Limits.Scrub()
        (limits.wanted, limits.named) = (2, 3)
        var scrub = ChainScrub(limits, nil)
        _ = scrub.take(step(4, (1...5).map { block($0) }))
        #expect(scrub.rows.count == 3 && scrub.counters.unnamed == 2)
        #expect(scrub.wanted().map(\.height.number) == [1, 2])
        #expect(scrub.wanted().map(\.height.number) == [3, 1])
        scrub.repaired(Height(2), .notPossible)
        #expect(scrub.rows.count == 3)
        for _ in 0..<3 { #expect(!scrub.wanted().contains { $0.height == Height(2) }) }
        _ = scrub.take(step(1, [block(2)]))
        #expect((0..<3).contains { _ in scrub.wanted().contains { $0.height == Height(2) } })
    }

    @Test(arguments: [ChainScrubPlace.blocks(Height(77)), .state(.zero)]) func aPositionIsTakenUp(
        place: ChainScrubPlace
    ) throws {
        let position = ScrubPosition(place: place, passes: 5)
        #expect(position.encoded.count <= ScrubPosition.byteLimit)
        #expect(try ScrubPosition.decode(position.encoded, limit: ScrubPosition.byteLimit) == position)
        #expect(ChainScrub(Limits.Scrub(), position).position == position)
    }

    /// Rows of a running node are damaged behind its back: it serves none of them, names them, and has the others give it the
    /// blocks.
    @Test func aRunningNodeIsGivenItsBlocksBack() throws {
        var limits = Limits.Scrub()
        (limits.pause, limits.rows) = (.milliseconds(5), 8)
        let cluster = try ChainCluster(validators: 4, scrub: limits)
        let home = cluster.members[3].folder.path
        var before: [StoredBlock?] = []
        var refused: Bool?
        cluster.onBlock = {
            let shell = cluster.members[3].shell
            if before.isEmpty, cluster.blocks[3].count >= 7 {
                before = (2...5).map { try? ChainReader(directory: home).block(at: Height($0)) }
                try? change(
                    home,
                    "UPDATE block SET payload = CAST(payload || x'00' AS BLOB) WHERE height IN (2, 5); DELETE FROM block WHERE height = 4"
                )
                shell.read({ store throws(StoreError) in
                    _ = try store.block(at: Height(2))
                    return .null
                }) { refused = $0 == nil }
            }
            let counters = shell.scrub.counters
            if counters.restored == 2, counters.replaced == 1 { cluster.run.finish() }
        }
        cluster.start()
        try cluster.run.run(within: .seconds(20))
        #expect(cluster.failures.isEmpty)
        #expect(refused == true)
        #expect(cluster.members[3].shell.scrub.rows.isEmpty)
        cluster.stop()
        let reader = try ChainReader(directory: home)
        #expect(before.count == 4)
        for (height, block) in zip(2...5 as ClosedRange<UInt64>, before) {
            var expected = try #require(block)
            if height == 4 { expected.certificate = [] }
            #expect(try reader.block(at: Height(height)) == expected)
        }
    }

    private func change(_ home: String, _ sql: String) throws {
        var database: OpaquePointer?
        try #require(unsafe sqlite3_open(home + "/chain.db", &database) == SQLITE_OK)
        defer { unsafe sqlite3_close(database) }
        unsafe sqlite3_busy_timeout(database, 5_000)
        try #require(unsafe sqlite3_exec(database, sql, nil, nil, nil) == SQLITE_OK)
    }
}
