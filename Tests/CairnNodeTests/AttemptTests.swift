import CairnBase
import Testing

@testable import CairnNode

@Suite struct AttemptTests {
    private static let begin = Instant.origin + .seconds(7)

    /// Milliseconds after the beginning at which the provider was first asked or dialled, and whether its silence counts.
    @Test(arguments: [(nil, false), (0, true), (2_500, true), (2_501, false), (4_900, false)] as [(UInt64?, Bool)])
    func silenceIsToldOfWhoHadAChance(reached: UInt64?, isFair: Bool) {
        var attempt = Attempt(begin: Self.begin, within: .seconds(5))
        if let reached {
            attempt.reach(at: Self.begin + .milliseconds(reached))
            attempt.reach(at: Self.begin + .seconds(5))
        }
        #expect(attempt.wasFair == isFair)
    }
}
