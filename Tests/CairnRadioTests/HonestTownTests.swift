import Testing

/// Whoever is honest earns, also where few are.
@Suite struct HonestTownTests {
    @Test(arguments: 1...3 as ClosedRange<UInt64>)
    func twentyHonestGatewaysAllEarn(seed: UInt64) throws {
        var town = try HonestTown(gateways: 20, metres: 4_000, seed: seed)
        try town.run(epochs: 10)
        #expect(town.paid.allSatisfy { $0 > 0 }, "\(town.paid) of \(town.verdicts)")
        // Of 188.
        #expect(town.unpaid <= 4, "\(town.reasons), \(town.missed)")
    }

    /// Five, of whom three must hear each: two that are challenged together may not cost each other the quorum.
    @Test(arguments: 1...3 as ClosedRange<UInt64>)
    func fewAreEnough(seed: UInt64) throws {
        var town = try HonestTown(gateways: 5, metres: 2_500, seed: seed)
        try town.run(epochs: 20)
        #expect(town.paid.allSatisfy { $0 > 0 }, "\(town.paid) of \(town.verdicts)")
        // Of 82. When all sent at once it was 8, 6 and 8.
        #expect(town.unpaid <= 4, "\(town.reasons), \(town.missed)")
    }
}
