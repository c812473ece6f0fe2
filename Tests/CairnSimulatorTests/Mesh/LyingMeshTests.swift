import CairnBase
import CairnSimulator
import Testing

/// A third of the peers lie, all in one way, and the others still hear one another.
@Suite struct LyingMeshTests {
    @Test(arguments: LyingMesh.lies)
    func `honest peers hear one another and blame only liars`(lie: String) throws {
        var mesh = try #require(LyingMesh(lie, nodes: 18, liars: 6, seed: 1))
        let outcome = mesh.run(for: .seconds(20))
        #expect(outcome.delivered * 100 >= outcome.expected * 99)
        #expect(outcome.blamedHonest == 0)
        #expect(outcome.held < Limits().gossip.wants)
        #expect(outcome.bannedHonest == 0)
        // Who is in no mesh any more says little, so the fifth offence takes its time.
        if LyingMesh.isProven(lie) { #expect(outcome.bannedLiars * 3 >= outcome.watchedLiars) }
        if LyingMesh.isPunished(lie) { #expect(outcome.blamedLiars * 4 >= outcome.watchedLiars * 3) }
    }
}
