import CairnBase
import CairnCrypto
import CairnWire
import Glibc
import Synchronization
import Testing

@testable import CairnCLI

@Suite struct KeysTests {
    private static let passphrase = "correct horse"

    @Test(arguments: KeyKind.allCases)
    func aKeyComesBackFromItsWords(kind: KeyKind) throws {
        try withHome { home in
            let made = try home.succeed("keys new \(kind) --passphrase-file pass --json")
            let words = try #require(made["recovery_phrase"]?.string)
            #expect(words.split(separator: " ").count == 24)
            let id = try #require(made["id"]?.string)
            let prefixes: [KeyKind: String] = [
                .node: "12D3KooW", .account: "cn1", .validator: "", .device: "", .storage: "",
            ]
            #expect(id.hasPrefix(try #require(prefixes[kind])))
            try TextFile.create(home.file("words"), words + "\n")
            let back = try home.succeed(
                "keys recover \(kind) --name back --phrase-file words --passphrase-file pass --json")
            #expect(back["id"] == made["id"])
            #expect(back["recovery_phrase"] == nil, "the words are shown once")
            let shown = try home.succeed("keys show back --json")
            #expect(shown["public_key"] == made["public_key"])
            #expect(
                try home.succeed("keys export back --phrase --passphrase-file pass --json")["recovery_phrase"]?.string
                    == words)
        }
    }

    @Test func aKeyMovesBetweenHomes() throws {
        try withHome { home in
            let id = try home.succeed("keys new account --passphrase-file pass --json")["id"]
            _ = try home.succeed("keys export account --to moved --json")
            let moved = try home.succeed("keys import moved --name other --passphrase-file pass --json")
            #expect(moved["id"] == id)
            try TextFile.create(home.file("pass2"), "another passphrase\n")
            _ = try home.succeed("keys passwd other --passphrase-file pass --new-passphrase-file pass2 --json")
            #expect(home.run("keys export other --phrase --passphrase-file pass").exit == .locked)
            #expect(home.run("keys export other --phrase --passphrase-file pass2").exit == .ok)
            #expect(home.run("keys export account --phrase --passphrase-file pass").exit == .ok)
        }
    }

    @Test func whatCanGoWrongHasItsOwnAnswer() throws {
        try withHome { home in
            #expect(home.run("keys show").error == "E302")
            _ = try home.succeed("keys new account --passphrase-file pass --json")
            #expect(home.run("keys new account --passphrase-file pass").error == "E301")
            #expect(home.run("keys new account --dev").error == "E301")
            #expect(home.run("keys export account --to account.key").error == "E301")
            #expect(home.run("keys export account").error == "E008")
            #expect(home.run("keys export account --phrase --to x").error == "E008")
            #expect(home.run("keys export account --phrase --no-input").error == "E303")
            try TextFile.create(home.file("wrong"), "not the passphrase")
            #expect(home.run("keys export account --phrase --passphrase-file wrong").error == "E304")
            #expect(home.run("keys export account --phrase --passphrase-file nothing").error == "E201")
            try TextFile.create(home.file("short"), "short")
            #expect(home.run("keys new node --passphrase-file short").error == "E305")
            try TextFile.create(home.file("empty"), "")
            #expect(home.run("keys export account --phrase --passphrase-file empty").error == "E305")
            #expect(home.run("keys import pass --passphrase-file pass").error == "E307", "open to others")
            try TextFile.create(home.file("rubbish"), "rubbish", mode: 0o600)
            #expect(home.run("keys import rubbish --passphrase-file pass").error == "E306")
            chmod(home.file("account.key"), 0o644)
            #expect(home.run("keys show account").error == "E307")
            #expect(home.run("keys new ../node --passphrase-file pass").error == "E004")
            #expect(home.run("keys show ../account").error == "E004")
            #expect(home.run("keys new --name .. --dev").error == "E004")
        }
    }

    @Test func wrongWordsAreNamed() throws {
        try withHome { home in
            let abandon = Array(repeating: "abandon", count: 23)
            for (words, part) in [
                (abandon, "there are 23 words"), (abandon + ["abandonn"], "word 24 is not in the list"),
                (abandon + ["about"], "two changed places"), ([], "there are 0 words"),
            ] {
                try TextFile.replace(home.file("words"), words.joined(separator: " "))
                let run = home.run("keys recover account --phrase-file words --passphrase-file pass")
                #expect(run.error == "E311")
                #expect(run.notes.contains(part))
            }
        }
    }

    @Test func openKeysAreForDevelopment() throws {
        try withHome { home in
            let made = try home.succeed("keys new node --dev --json")
            #expect(made["development"] == true && made["recovery_phrase"] == nil)
            #expect(home.run("keys import node.key --name x").error == "E310")
            #expect(try home.succeed("keys import node.key --name x --dev --json")["id"] == made["id"])
            _ = try home.succeed("keys passwd x --new-passphrase-file pass --json")
            #expect(try home.succeed("keys show x --json")["development"] == false)
        }
    }

    @Test func aPersonTypesItTwice() throws {
        try withHome { home in
            let typed = Typist([Self.passphrase, Self.passphrase])
            #expect(home.run("keys new account", typed).exit == .ok)
            #expect(typed.questions == ["New passphrase for the account key: ", "The same again: "])
            #expect(home.run("keys new node", Typist([Self.passphrase, "another one"])).error == "E305")
            #expect(home.run("keys new node", Typist([])).error == "E303")
            #expect(home.run("keys export account --phrase", Typist([Self.passphrase])).exit == .ok)
        }
    }

    @Test func aDescriptorMayHoldThePassphrase() throws {
        try withHome { home in
            var ends: [Int32] = [0, 0]
            try #require(pipe(&ends) == 0)
            let line = Array((Self.passphrase + "\nnot read\n").utf8)
            #expect(write(ends[1], line, line.count) == line.count)
            let environment = ["CAIRN_PASSPHRASE_FD": "\(ends[0])"]
            #expect(home.run("keys new account", environment: environment).exit == .ok)
            close(ends[0])
            close(ends[1])
            #expect(home.run("keys export account --phrase --passphrase-file pass").exit == .ok)
            #expect(home.run("keys new node", environment: ["CAIRN_PASSPHRASE_FD": "x"]).error == "E004")
            #expect(home.run("keys new node", environment: ["CAIRN_PASSPHRASE_FD": "9999"]).error == "E201")
        }
    }

    @Test func oneBadFileDoesNotHideTheOthers() throws {
        try withHome { home in
            _ = try home.succeed("keys new node --dev --json")
            try TextFile.create(home.file("bad.key"), "rubbish", mode: 0o600)
            let run = home.run("keys list --json")
            #expect(run.exit == .damaged)
            let keys = try #require(try JSONReader.read(Array(run.out.utf8))["keys"]?.array)
            #expect(keys.map { $0["name"]?.string } == ["bad", "node"])
            #expect(keys[0]["error"]?["id"]?.string == "E306")
        }
    }

    @Test func theHomeIsFound() throws {
        try withHome { home in
            _ = try home.succeed("keys new node --dev --json")
            let moved = joinPath(home.directory, "project/.cairn")
            try Directory.make(parent(of: moved))
            try Directory.make(joinPath(home.directory, "project/deep/er"))
            #expect(rename(home.path, moved) == 0)
            let deep = joinPath(home.directory, "project/deep/er")
            #expect(TestRun("keys show", directory: deep).exit == .ok)
            #expect(TestRun("keys show", environment: ["CAIRN_HOME": moved]).exit == .ok)
            #expect(TestRun("keys show --home ../../.cairn", directory: deep).exit == .ok)
            #expect(TestRun("keys show").error == "E204")
            #expect(TestRun("keys show", environment: ["HOME": home.directory]).error == "E302")
        }
    }
}

// MARK: A home to work in

private struct TestHome {
    let directory: String
    var path: String { joinPath(directory, "home") }

    func file(_ name: String) -> String { joinPath(path, name) }

    func run(_ line: String, _ keyboard: any Keyboard = NobodyThere(), environment: [String: String] = [:]) -> TestRun {
        TestRun(
            line.split(separator: " ").map(String.init), environment: environment.merging(["CAIRN_HOME": path]) { $1 },
            directory: path, keyboard: keyboard)
    }

    /// Runs a command that must succeed, and reads the one document it prints.
    func succeed(_ line: String) throws -> JSON {
        let run = run(line)
        try #require(run.exit == .ok, "\(line): \(run.notes)")
        let document = try JSONReader.read(Array(run.out.utf8))
        let verb = line.split(separator: " ").prefix(2).joined(separator: ".")
        #expect(document["schema"]?.string == "cairn.\(verb)/1")
        return document
    }
}

private func withHome(_ body: (TestHome) throws -> Void) throws {
    try withTemporaryDirectory { directory in
        let home = TestHome(directory: directory)
        try Directory.make(home.path)
        try TextFile.create(home.file("pass"), "correct horse\n")
        try body(home)
    }
}

/// Types prepared lines and remembers what was asked.
private final class Typist: Keyboard {
    private let state: Mutex<(lines: [String], questions: [String])>

    init(_ lines: [String]) { state = Mutex((lines, [])) }

    var isPresent: Bool { true }
    var questions: [String] { state.withLock { $0.questions } }

    func ask(_ question: String) -> [UInt8]? {
        state.withLock { state in
            state.questions.append(question)
            return state.lines.isEmpty ? nil : Array(state.lines.removeFirst().utf8)
        }
    }

    func askHidden(_ question: String) -> [UInt8]? { ask(question) }
}
