import CairnBase
import CairnLedger
import CairnStore
import CairnWire
import SampleChains
import Testing

/// Verdicts and rewards in the `sqlite3` shell, over a chain that has some.
@Suite struct ReadableRewardsTests {
    private let directory: TestDirectory
    private let chain: RewardedChain
    private var path: String { directory.path + "/chain.db" }

    init() throws {
        directory = try TestDirectory()
        chain = try RewardedChain(in: ChainStore(directory: directory.path))
    }

    /// The three questions of docs/schema.md, as they stand there.
    @Test func theDocumentedQuestionsAreAnswered() throws {
        let questions = try documentedQueries()
        #expect(questions.count == 3)
        let earners = try query(path, try #require(questions.first))
        var expected: [(name: String, total: UInt64)] = []
        for member in 1...6 as ClosedRange<UInt8> {
            for id in [chain.resource(of: member), chain.resource(of: member, disk: true)] {
                guard let reward = try chain.state.load(.reward(Epoch(3), id)) else { continue }
                expected.append((id.description, reward.total.units))
            }
        }
        #expect(expected.contains { $0.total > 0 })
        expected.sort { ($1.total, $0.name) < ($0.total, $1.name) }
        #expect(earners.map { [$0[0], $0[3]] } == expected.prefix(10).map { [$0.name, "\($0.total)"] })

        let reasons = try query(path, questions[1])
        var counted: [Reason: Int] = [:]
        for verdict in try verdicts() where !verdict.passed {
            for reason in verdict.reasons.list { counted[reason, default: 0] += 1 }
        }
        #expect(counted[.badLeaf] ?? 0 > 0 && counted[.noBeacon] ?? 0 > 0 && counted[.noQuorum] ?? 0 > 0)
        #expect(Set(reasons.map { $0.joined() }) == Set(counted.map { "\($0.key)\($0.value)" }))

        let supply = try query(path, questions[2])
        #expect(supply.last == ["all", "\(Amount.cap.units)"])
        let parts = supply.dropLast().compactMap { UInt64($0[1]) }.reduce(0, +)
        #expect(parts == Amount.cap.units)
    }

    @Test func viewsSayWhatWasPaid() throws {
        for row in try query(path, "SELECT epoch, resource, units, weight, for_proofs, held, profile FROM reward") {
            let id = try #require(bytes(hex: row[1]).flatMap(ResourceID.init))
            let reward = try #require(try chain.state.load(.reward(Epoch(UInt64(row[0]) ?? 0), id)))
            let wanted = [reward.units, reward.weight, reward.bootstrap.units, reward.held.units]
            #expect(Array(row[2...5]) == wanted.map { "\($0)" })
            #expect(row[6] == "\(reward.profile.rawValue)")
        }
        let results = try query(path, "SELECT epoch, profile, pool, carry FROM epoch_result ORDER BY epoch, profile")
        #expect(results.count >= 4 * 4)
        for row in results {
            let profile = try #require(Profile(rawValue: UInt16(row[1]) ?? 0))
            let result = try #require(try chain.state.load(.result(Epoch(UInt64(row[0]) ?? 0), profile)))
            #expect([row[2], row[3]] == ["\(result.pool.units)", "\(result.carry.units)"])
        }
        let seats = try query(path, "SELECT seat, account, weight FROM committee WHERE epoch = 12")
        #expect(seats == [["0", RewardedChain.account(100).description, "20099999000"]])
    }

    @Test func verdictsAreKeptAndChecked() throws {
        let all = try verdicts()
        #expect(all.contains { $0.outcome == .wrongArithmetic })
        #expect(all.count { $0.outcome == .adopted } > 100)
        let store = try ChainStore(directory: directory.path)
        #expect(try store.scrub() == [])
        // The index finds the same as a walk over all blocks.
        let mine = try store.verdicts(of: chain.resource(of: 3), page: Page(limit: 1000))
        #expect(mine == all.reversed().filter { $0.resource == chain.resource(of: 3) })
        #expect(try store.verdicts(of: chain.resource(of: 3), page: Page(skip: 2, limit: 3)) == Array(mine[2..<5]))
    }

    private func verdicts() throws -> [StoredVerdict] {
        let store = try ChainStore(directory: directory.path)
        return try (1...RewardedChain.height).flatMap { try store.verdicts(at: Height($0)) }
    }

    /// The SQL of the page that people read.
    private func documentedQueries() throws -> [String] {
        let page = try page("docs/schema.md")
        return page.split(separator: "```sql\n").dropFirst().compactMap { part in
            part.split(separator: "```").first.map(String.init)
        }
    }
}
