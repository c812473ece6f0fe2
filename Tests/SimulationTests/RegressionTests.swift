import CairnSimulator
import Testing

/// Seeds that failed once must hold for ever.
@Suite struct RegressionTests {
    @Test func seedsThatOnceFailedHold() throws {
        for (name, seed) in try runs(String(decoding: PackageResources.RegressionSeeds_txt, as: UTF8.self)) {
            let entry = try #require(Catalogue.entry(named: name), "RegressionSeeds.txt names no protocol '\(name)'")
            let report = entry.run(RunRequest(seed: seed))
            #expect(report.violation == nil, "replay: scripts/simulate \(name) --seed \(seed)")
        }
    }

    @Test func linesAreReadStrictly() throws {
        let read = try runs("# comment\n\nregister 7\nspin 18446744073709551615\n")
        #expect(read.map(\.name) == ["register", "spin"])
        #expect(read.map(\.seed) == [7, .max])
        #expect(throws: BadLine.self) { try runs("register\n") }
        #expect(throws: BadLine.self) { try runs("register x\n") }
    }

    private struct BadLine: Error {
        let line: String
    }

    private func runs(_ text: String) throws -> [(name: String, seed: UInt64)] {
        try text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { line in
            let words = line.split(separator: " ")
            guard words.count == 2, let seed = UInt64(words[1]) else { throw BadLine(line: String(line)) }
            return (String(words[0]), seed)
        }
    }
}
