import CairnAttacks
import CairnBase
import CairnCrypto
import Testing

@Suite struct StorageAttackTests {
    private let hash = Blake2b()

    /// Every row of the main profiles against what the rules promise, over twenty seeds.
    @Test(arguments: [StorageProfile.solid, .spinning])
    func promisesHold(profile: StorageProfile) throws {
        for trial in StorageTrial.all(of: profile, speed: 4, skippingPPM: 900_000) where !trial.bounds.isEmpty {
            let tally = try #require(trial.run(profile, seeds: 1..<21, rounds: 1, using: hash))
            #expect(tally.rounds == 20 * UInt64(trial.cheat.identities))
            #expect(trial.holds(tally), "\(profile), \(trial.name): \(tally)")
        }
    }
}
