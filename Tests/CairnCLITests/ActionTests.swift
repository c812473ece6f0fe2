import CairnBase
import CairnLedger
import Testing

@testable import CairnCLI

/// What people want done on the chain, up to the node: it is told apart from mistakes before anything is signed.
@Suite struct ActionTests {
    @Test func changesAreReadFromTwoWords() throws {
        #expect(try ProposedChange(name: "feeMin", value: "2000") == .parameter(.feeMin, to: 2000))
        #expect(try ProposedChange(name: "share:storage.hot", value: "5") == .share(of: .storageHot, ppm: 5))
        #expect(try ProposedChange(name: "rules", value: "2@900") == .version(2, from: Height(900)))
        for (name, value) in [
            ("feeMni", "1"), ("feeMin", "much"), ("feeMin", "-1"), ("share:tea", "1"), ("rules", "2"), ("rules", "x@y"),
        ] {
            let failure = #expect(throws: Failure.self) { try ProposedChange(name: name, value: value) }
            #expect(failure?.code == .badValue)
        }
    }

    @Test(arguments: [
        "validator bond much", "validator bond 1.123456789", "validator unbond", "gov vote 0 maybe", "gov vote x yes",
        "gov propose feeMin", "gov propose nothing 1", "resource register tea",
        "resource register storage.hot --place 1,2 --address 192.0.2.7",
        "resource register storage.hot --capacity 64 --place 91,2 --address 192.0.2.7",
        "resource register storage.hot --capacity 64 --place 1,two --address 192.0.2.7",
        "resource register storage.hot --capacity 64 --place 1.12345678,2 --address 192.0.2.7",
        "resource register storage.hot --capacity 64 --place 1,2 --address here",
        "resource register storage.hot --capacity 64 --place 1,2",
        "resource register coverage.rtt --capacity 64 --place 1,2 --address 192.0.2.7",
        "resource register coverage.radio --place 1,2 --address 192.0.2.7",
        "resource register coverage.radio --eui 12 --place 1,2 --address 192.0.2.7",
    ])
    func mistakesAreFoundBeforeANodeIsAsked(line: String) throws {
        try withTemporaryDirectory { directory in
            let run = TestRun(line, environment: ["CAIRN_HOME": directory], directory: directory)
            #expect(run.exit == .usage, "\(run.notes)")
        }
    }

    @Test(arguments: [
        "validator bond 1", "validator withdraw", "validator apply", "validator resign", "gov vote 0 yes",
        "gov propose feeMin 7",
        "resource register storage.hot --capacity 64 --place 48.8566,-2.3522 --address 192.0.2.7",
        "resource register coverage.radio --eui aa555a0000000101 --place -1,2 --address 2001:db8::1",
    ])
    func withoutANodeNothingIsSigned(line: String) throws {
        try withTemporaryDirectory { directory in
            let run = TestRun(line, environment: ["CAIRN_HOME": directory], directory: directory)
            #expect(run.exit == .unreachable && run.error == "E101", "\(run.notes)")
        }
    }
}
