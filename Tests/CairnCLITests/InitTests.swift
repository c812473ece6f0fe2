import CairnBase
import CairnCrypto
import CairnWire
import Glibc
import Testing

@testable import CairnCLI

@Suite struct InitTests {
    private func run(_ line: String, in directory: String, keyboard: any Keyboard = NobodyThere()) -> TestRun {
        TestRun(
            line.split(separator: " ").map(String.init), environment: ["HOME": directory], directory: directory,
            keyboard: keyboard)
    }

    @Test func aHomeHasKeysAndAConfiguration() throws {
        try withTemporaryDirectory { directory in
            let made = run(
                "init --dev --name here --listen 127.0.0.1:9000 --peer 127.0.0.1:1 --peer 127.0.0.1:2 --json",
                in: directory)
            try #require(made.exit == .ok, "\(made.notes)")
            let document = try JSONReader.read(Array(made.out.utf8))
            #expect(document["keys"]?.array?.compactMap { $0["kind"]?.string } == ["node", "validator", "account"])
            let home = Home(path: joinPath(directory, ".local/share/cairn"))
            #expect(document["home"]?.string == home.path)
            var config = Config()
            try config.take(file: home.configFile, text: TextFile.read(home.configFile))
            #expect(config.name == "here" && config.listen.port == 9000 && config.peers.map(\.port) == [1, 2])
            #expect(home.keyNames == ["account", "node", "validator"])
            var status = stat()
            #expect(stat(home.path, &status) == 0 && status.st_mode & 0o777 == 0o700)
        }
    }

    @Test func nothingIsOverwritten() throws {
        try withTemporaryDirectory { directory in
            #expect(run("init --dev", in: directory).exit == .ok)
            let home = Home(path: joinPath(directory, ".local/share/cairn"))
            let key = run("keys show account --json", in: directory).out
            #expect(run("init --dev", in: directory).error == "E205")
            // Making was cut short before the configuration: the keys that are there stay.
            #expect(unlink(home.configFile) == 0 && unlink(home.keyFile("node")) == 0)
            #expect(run("init --dev", in: directory).exit == .ok)
            #expect(run("keys show account --json", in: directory).out == key)
            #expect(home.keyNames.count == 3)
        }
    }

    @Test func aSealedHomeShowsTheWordsOfTheAccountOnce() throws {
        try withTemporaryDirectory { directory in
            try TextFile.create(joinPath(directory, "pass"), "correct horse")
            #expect(run("init", in: directory).error == "E303")
            #expect(Directory.names(directory) == ["pass"], "nothing is made before the passphrase is there")
            let made = run("init --passphrase-file pass --json", in: directory)
            let words = try JSONReader.read(Array(made.out.utf8))["recovery_phrase"]?.string
            try TextFile.create(joinPath(directory, "words"), try #require(words))
            let back = run(
                "keys recover account --name back --phrase-file words --passphrase-file pass", in: directory)
            #expect(back.exit == .ok)
            #expect(run("keys show back --json", in: directory).out.contains(#""kind":"account""#))
        }
    }

    @Test func flagsAreCheckedBeforeAnythingIsMade() throws {
        try withTemporaryDirectory { directory in
            for flags in [
                "--listen x", "--api 0.0.0.0:1", "--peer 127.0.0.1", "--name a/b", "--network ..", "--peer 0.0.0.0:1",
            ] {
                #expect(run("init --dev \(flags)", in: directory).error == "E213", "\(flags)")
            }
            #expect(Directory.names(directory).isEmpty)
        }
    }

    @Test func theSameSeedGivesTheSameKeys() throws {
        try withTemporaryDirectory { directory in
            func ids(_ name: String, _ seed: UInt64, _ index: UInt64) throws -> [String] {
                let home = Home(path: joinPath(directory, name))
                return try HomeMaker(storage: KeyStorage(home: home, settings: .init()), values: [:])
                    .make(.derived(seed: seed, index: index)).keys.map(\.id)
            }
            let first = try ids("a", 42, 0)
            #expect(try ids("b", 42, 0) == first)
            let others = [try ids("c", 42, 1), try ids("d", 43, 0)]
            #expect(Set(first + others.joined()).count == 9)
        }
    }
}
