import CairnBase
import Testing

@testable import CairnCLI

@Suite struct ParserTests {
    private func parse(_ line: String) throws -> Invocation {
        let words = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        guard case .run(let invocation) = try Parser.parse(words, with: Self.table) else {
            throw Failure(.unknownVerb, "not a run: \(line)")
        }
        return invocation
    }

    private func refusal(_ line: String) -> ErrorCode? {
        do {
            _ = try parse(line)
            return nil
        } catch {
            return (error as? Failure)?.code
        }
    }

    @Test func flagsStandBeforeAndAfterTheVerb() throws {
        for line in ["--home x a b --seed 7", "a --home x b --seed 7", "a b --seed=7 --home=x"] {
            let invocation = try parse(line)
            #expect(invocation.command.name == "a b")
            #expect(invocation[GlobalFlags.home] == "x")
            #expect(invocation[Self.seed] == 7)
        }
    }

    @Test func aBareNounMeansItsFirstCommand() throws {
        #expect(try parse("a").command.name == "a list")
        #expect(try parse("a --json").has(GlobalFlags.json))
        #expect(try parse("a --all").has(Self.every))
        // --all belongs to `a list`, so it does not fit when another verb follows.
        #expect(refusal("a --all b") == .unknownFlag)
    }

    @Test func twoDashesEndTheFlags() throws {
        #expect(try parse("c x -- -y --z").rest == ["-y", "--z"])
        #expect(try parse("d -- --seed").arguments == ["--seed"])
        #expect(refusal("c x") == .missingArgument)
        #expect(refusal("c x --") == .missingArgument)
        #expect(refusal("c --") == .missingArgument)
    }

    @Test func valuesAreChecked() throws {
        #expect(try parse("a b --seed 18446744073709551615")[Self.seed] == .max)
        #expect(try parse("a b --watch")[Self.watch] == .seconds(2))
        #expect(try parse("a b --watch=250ms")[Self.watch] == .milliseconds(250))
        #expect(try parse("a b -w")[Self.watch] == .seconds(2))
        #expect(try parse("--timeout 2m a b")[GlobalFlags.timeout] == .seconds(120))
        for bad in ["18446744073709551616", "-1", "+1", "1.0", "0x1", "١", "1e3"] {
            #expect(refusal("a b --seed \(bad)") == .badValue, "\(bad)")
        }
        for bad in ["10", "s", "1.5s", "-1s", "1d", "99999999999999999999s", "18446744073709551615h", "1 s"] {
            #expect(refusal("a b --timeout=\(bad)") == .badValue, "\(bad)")
        }
        #expect(refusal("a b --seed=") == .badValue)
        #expect(refusal("a b --home=") == .badValue)
    }

    @Test func repeatingIsForFlagsThatSay() throws {
        #expect(try parse("a b --peer x --peer y")[all: Self.peer] == ["x", "y"])
        #expect(refusal("a b --seed 1 --seed 1") == .repeatedFlag)
        #expect(refusal("--json a b --json") == .repeatedFlag)
    }

    @Test func spansWriteAsTheyRead() throws {
        for text in ["250ms", "1s", "90s", "2m", "1h"] {
            #expect(try #require(TimeSpan(text: text)).plain == text)
        }
    }

    @Test func nearestKnowsTheUsualSlips() {
        let verbs = ["init", "run", "status", "stop", "keys", "nodes", "testnet"]
        for (slip, meant) in [
            ("kesy", "keys"), ("statsu", "status"), ("key", "keys"), ("tesnet", "testnet"), ("inti", "init"),
        ] {
            #expect(nearest(to: slip, in: verbs) == meant)
        }
        #expect(nearest(to: "frobnicate", in: verbs) == nil)
        #expect(nearest(to: "", in: verbs) == nil)
        #expect(nearest(to: String(repeating: "keys", count: 100), in: verbs) == nil)
    }

    /// Words drawn from the program's own vocabulary and from rubbish, in any order: understood or refused with a hint.
    @Test(arguments: 0..<16 as Range<UInt64>)
    func anyWordsAreUnderstoodOrRefused(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let table = CommandTable.cairn
        let vocabulary =
            table.commands.flatMap(\.path) + (GlobalFlags.all + table.commands.flatMap(\.flags)).map { "--\($0.name)" }
            + ["-", "--", "---", "-q", "-qv", "-é", "--=", "--json=1", "", " ", "\u{0}", "\u{1b}[2J", "10s", "7", "x"]
        for _ in 0..<500 {
            let words = (0..<random.below(7)).compactMap { _ in vocabulary.randomElement(using: &random) }
            do {
                _ = try Parser.parse(words, with: table)
            } catch {
                #expect(error.code.exit == .usage)
                #expect(!error.hints.isEmpty && !error.message.isEmpty)
                #expect(!error.text(Style()).contains("\u{1b}"), "control characters are not echoed")
            }
        }
    }
}

// MARK: A small table

extension ParserTests {
    static let seed = Flag.integer("seed", "N", in: 0...UInt64.max, "Decides it all")
    static let watch = Flag.optionalSpan("watch", short: "w", preset: .seconds(2), "Shows it again and again")
    static let peer = Flag.text("peer", "ADDRESS", "One of them", repeats: true)
    static let every = Flag.switched("all", "Shows all")

    private static func command(
        _ path: [String], _ arguments: [Argument] = [], rest: Argument? = nil, _ flags: [FlagDeclaration] = []
    ) -> Command {
        Command(
            path: path, summary: "S", text: ["T."], arguments: arguments, rest: rest, flags: flags, examples: [],
            run: { _ in .ok })
    }

    static let table = CommandTable(
        sections: [
            Section(
                title: "all",
                entries: [
                    .noun(
                        Noun(
                            name: "a", summary: "A",
                            commands: [
                                command(["a", "list"], [every.declaration]),
                                command(["a", "b"], [seed.declaration, watch.declaration, peer.declaration]),
                            ])),
                    .verb(
                        command(
                            ["c"], [Argument(name: "X", summary: "X", value: .text("X"))],
                            rest: Argument(name: "WORDS", summary: "W", value: .text("W")))),
                    .verb(command(["d"], [Argument(name: "X", summary: "X", value: .text("X"), isRequired: false)])),
                ])
        ],
        version: command(["version"]))

    private static func command(_ path: [String], _ flags: [FlagDeclaration]) -> Command {
        command(path, [], rest: nil, flags)
    }
}
