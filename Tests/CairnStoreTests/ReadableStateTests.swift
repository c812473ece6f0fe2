import CairnBase
import CairnLedger
import CairnStore
import Testing

/// What a person sees in the `sqlite3` shell is what the ledger knows.
@Suite struct ReadableStateTests {
    @Test func viewsSayWhatTheLedgerKnows() throws {
        let directory = try TestDirectory()
        let chain = try SampleChain(blocks: 35)
        try chain.fill(directory)
        let path = directory.path + "/chain.db"
        let state = try #require(chain.steps.last).state
        for row in try query(path, "SELECT id, balance, nonce FROM account") {
            let id = try #require(bytes(hex: row[0]).flatMap(AccountID.init))
            let account = try #require(try state.load(.account(id)))
            #expect(row == [id.description, "\(account.balance.units)", "\(account.nonce)"])
        }
        #expect(try query(path, "SELECT sum(units) FROM supply") == [["\(Amount.cap.units)"]])
        let rejected = chain.steps.flatMap(\.outcome.receipts).filter { $0.outcome != .applied }.count
        #expect(try query(path, "SELECT count(*) FROM rejected") == [["\(rejected)"]])
        #expect(try query(path, "SELECT bonded, unbonding FROM stake") == [["20000000000", "0"]])
        let resources = try query(
            path, "SELECT number, controller = stake_root, bond, is_retired, since, profile, device FROM resource")
        #expect(resources == [["0", "1", "0", "0", "0", "3", repeated(90).description]])
        let keys = try query(path, "SELECT node, vote_key, randomness_key, is_candidate FROM validator")
        #expect(keys == [[repeated(101).description, repeated(102).description, repeated(103).description, "1"]])
    }
}
