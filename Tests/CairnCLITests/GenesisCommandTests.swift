import CairnStore
import CairnWire
import Testing

@testable import CairnCLI

@Suite struct GenesisCommandTests {
    /// Homes of a development network, whose keys open without a passphrase.
    private func makeHomes(_ directory: String, _ count: Int) {
        for number in 1...count {
            let home = joinPath(directory, "n\(number)")
            let made = TestRun(["init", "--dev", "--home", home], directory: directory)
            #expect(made.exit == .ok, "\(made.notes)")
        }
    }

    @Test func aFounderMakesChecksAndShowsAFile() throws {
        try withTemporaryDirectory { directory in
            makeHomes(directory, 4)
            let founders = (1...4).flatMap { ["--founder", "n\($0)"] }
            let new = ["net", "genesis", "new", "mine.json", "--network", "mine", "--symbol", "MIN"] + founders
            #expect(TestRun(new, directory: directory).exit == .ok)
            // Never over another.
            #expect(TestRun(new, directory: directory).exit == .conflict)
            let check = TestRun(["net", "genesis", "check", "mine.json", "--json"], directory: directory)
            #expect(check.exit == .ok, "\(check.notes)")
            let document = try JSONReader.read(Array(check.out.utf8))
            #expect(document["schema"]?.string == "cairn.net.genesis/1")
            #expect(document["network"]?.string == "mine" && document["validators"]?.integer(Int.self) == 4)
            // Nobody is trusted from the start; that is allowed, and said.
            #expect(document["warnings"]?.array?.count == 1)
            let chain = try #require(document["chain"]?.string)
            // Comments are no part of what is hashed, values are.
            let file = joinPath(directory, "mine.json")
            let text = try TextFile.read(file)
            try TextFile.replace(file, text.replacing("The file a network begins with.", with: "Ours."))
            #expect(TestRun(["net", "genesis", "show", "mine.json"], directory: directory).out.contains(chain))
            try TextFile.replace(file, text.replacing("\"MIN\"", with: "\"MAX\""))
            #expect(!TestRun(["net", "genesis", "show", "mine.json"], directory: directory).out.contains(chain))
        }
    }

    /// A home takes one genesis, once; a founder's key gets its sign log with it, while the network is young.
    @Test func aFounderPlacesTheFileOnce() throws {
        try withTemporaryDirectory { directory in
            makeHomes(directory, 3)
            func genesis(_ words: String...) -> TestRun {
                TestRun(["net", "genesis"] + words, directory: directory)
            }
            #expect(genesis("new", "mine.json", "--network", "local", "--founder", "n1", "--founder", "n2").exit == .ok)
            let placed = genesis("place", "mine.json", "--home", "n1", "--json")
            #expect(placed.exit == .ok, "\(placed.notes)")
            #expect(try JSONReader.read(Array(placed.out.utf8))["founder"] == true)
            #expect(try SignLog.exists(directory: joinPath(directory, "n1")))
            #expect(genesis("place", "mine.json", "--home", "n1").error == "E604")
            // Who founds nothing follows.
            #expect(genesis("place", "mine.json", "--home", "n3").exit == .ok)
            #expect(try !SignLog.exists(directory: joinPath(directory, "n3")))
            // A key of an old network may have voted.
            let file = joinPath(directory, "mine.json")
            let text = try TextFile.read(file)
            let time = try #require(try JSONReader.read(Array(text.utf8))["time"]?.integer(UInt64.self))
            try TextFile.replace(file, text.replacing("\(time)", with: "\(time - 8 * 86_400_000)"))
            #expect(genesis("place", "mine.json", "--home", "n2").error == "E112")
            #expect(!fileExists(joinPath(directory, "n2/genesis.json")))
            try TextFile.replace(file, text.replacing("\"local\"", with: "\"other\""))
            #expect(genesis("place", "mine.json", "--home", "n2").error == "E213")
            #expect(genesis("place", "mine.json", "--home", "n9").error == "E206")
        }
    }

    /// Every mistake is named with the path of its place.
    @Test func aMistakeIsNamedWhereItIs() throws {
        try withTemporaryDirectory { directory in
            makeHomes(directory, 1)
            let made = TestRun(["net", "genesis", "new", "--founder", "n1"], directory: directory)
            #expect(made.exit == .ok)
            let places = [
                ("\"symbol\": \"CRN\"", "\"symbol\": \"crn\"", "$.symbol: not 1 to 8 capital letters"),
                ("\"profile\"", "\"Profile\"", "$.Profile"),
                ("\"epochBlocks\": 30", "\"epochBlocks\": 1", "$.parameters.epochBlocks: not from 2 to 7200"),
                (
                    "\"bond\": \"100000\"", "\"bond\": \"1\"",
                    "$.validators[0].bond: less than candidateBondMin, which is 100 here"
                ),
                ("\"balance\": \"1000\"", "\"balance\": 1000", "$.accounts[0].balance"),
                ("\"anchors\": []", "\"anchors\": [{}]", "$.anchors[0].controller: missing"),
            ]
            let file = joinPath(directory, "wrong.json")
            for (find, replacement, path) in places {
                try #require(made.out.contains(find), "\(find)")
                try TextFile.replace(file, made.out.replacing(find, with: replacement))
                let run = TestRun(["net", "genesis", "check", file], directory: directory)
                #expect(run.exit == .usage && run.error == "E214")
                #expect(run.notes.contains(path), "\(run.notes)")
            }
        }
    }

    /// What is printed without founders is a form to fill in, and no genesis.
    @Test func aFormIsRefused() throws {
        try withTemporaryDirectory { directory in
            #expect(
                TestRun(["net", "genesis", "new", "form.json", "--profile", "main"], directory: directory).exit == .ok)
            let check = TestRun(["net", "genesis", "check", "form.json"], directory: directory)
            #expect(check.exit == .usage && check.notes.contains("$.validators[0].account"))
            #expect(TestRun(["net", "genesis", "check"], directory: directory).exit == .usage)
            #expect(TestRun(["net", "genesis", "show"], environment: ["CAIRN_HOME": directory]).exit == .failed)
        }
    }
}
