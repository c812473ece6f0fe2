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

    /// While changes wait, the views speak as of an earlier block and say which; settled, as of the newest.
    @Test func viewsSayAsOfWhichBlockTheySpeak() throws {
        let directory = try TestDirectory()
        let chain = try SampleChain(blocks: 9)
        var limits = Limits.Store()
        limits.changesAtOnce = 0
        limits.pendingBlocks = 4
        let path = directory.path + "/chain.db"
        let store = try ChainStore(directory: directory.path, limits: limits)
        try chain.begin(store)
        for step in chain.steps {
            try store.commit(step.block, step.outcome)
            let height = step.block.height.number
            #expect(try query(path, "SELECT height FROM state_height") == [["\(height / 4 * 4)"]])
            #expect(try query(path, "SELECT sum(units) FROM supply") == [["\(Amount.cap.units)"]])
        }
        try store.settle()
        #expect(try query(path, "SELECT height FROM state_height") == [["9"]])
        #expect(try query(path, "SELECT sum(units) FROM supply") == [["\(Amount.cap.units)"]])
        let state = try #require(chain.steps.last).state
        for row in try query(path, "SELECT id, balance FROM account") {
            let id = try #require(bytes(hex: row[0]).flatMap(AccountID.init))
            #expect(try row[1] == "\(#require(try state.load(.account(id))).balance.units)")
        }
        #expect(try store.scrub() == [])
    }
}
