import CairnSimulator
import Testing

/// What coverage costs is counted in a network whose numbers are known: `scripts/bench coverage-cost` does it for large ones.
@Suite struct CoverageCostTests {
    @Test func followsFromTheSizesOfMessages() throws {
        let cost = try CoverageCost(gateways: 20, blocks: 400, seed: 1)
        #expect(cost.blocks == 400)
        // Each of twenty is challenged once an epoch, 72 times a day; the draw of so few varies by a third.
        #expect((1_000...1_900).contains(cost.challenges), "\(cost.challenges) challenges a day")
        // 68 bytes and 16 for each of ten seats, and the kind before it.
        let perChallenge = cost.onChain / cost.challenges
        #expect((180...240).contains(perChallenge), "\(perChallenge) bytes for a verdict")
        // A proof of 185 bytes, and a commit of 133 and a reveal of 193 from each who heard it: nineteen at the most.
        let said = cost.byGossip / cost.challenges
        #expect((3_000...181 + 19 * (133 + 193)).contains(said), "\(said) bytes said of a challenge")
    }
}
