import CairnBase
import Glibc
import Testing

/// The bytes of every encoded type are pinned: changing one is a change of the protocol, and takes an explicit
/// `scripts/conformance --accept`, which shows in the commit.
@Suite struct ConformanceTests {
    @Test(arguments: Area.all.map(\.name))
    func encodingsAreThePinnedOnes(name: String) throws {
        let area = try #require(Area.all.first { $0.name == name })
        let now = FixtureFile(try area.samples())
        let path = FixtureFile.path(of: area)
        if getenv("CONFORMANCE_ACCEPT") != nil { try now.write(to: path) }
        let differences = now.differences(from: try FixtureFile(reading: path)).joined(separator: "\n")
        #expect(differences.isEmpty, "\(differences)\nIf the format is meant to change: scripts/conformance --accept")
    }

    @Test(arguments: Area.all.map(\.name))
    func encodingsAreReadBackUnchanged(name: String) throws {
        let area = try #require(Area.all.first { $0.name == name })
        for sample in try area.samples() { #expect(sample.again == sample.bytes, "\(sample.name)") }
    }

    @Test func namesAreUniqueWords() throws {
        #expect(Set(Area.all.map(\.name)).count == Area.all.count)
        for area in Area.all {
            let names = try area.samples().map(\.name)
            #expect(Set(names).count == names.count)
            #expect(names.allSatisfy { !$0.isEmpty && !$0.contains { $0.isWhitespace } })
        }
    }

    @Test func aChangeIsShownWithItsPlace() {
        let pinned = FixtureFile([.writeOnly("kept", [1]), .writeOnly("changed", [1, 2, 3]), .writeOnly("gone", [])])
        let now = FixtureFile([.writeOnly("kept", [1]), .writeOnly("changed", [1, 2, 4]), .writeOnly("new", [5])])
        #expect(
            now.differences(from: pinned) == [
                "changed changed:\n  pinned 010203\n  now    010204\n             ^^ byte 2", "new is not pinned: 05",
                "gone is pinned and no longer encoded",
            ])
        #expect(pinned.differences(from: pinned).isEmpty)
    }
}
