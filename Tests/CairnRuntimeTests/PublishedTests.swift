import CairnBase
import CairnConsensus
import CairnLedger
import CairnWire
import CairnWitness
import Testing

@testable import CairnRuntime

/// What is made of published bytes that do not read.
@Suite struct PublishedTests {
    private func judgement<Content: Canonical>(of bytes: [UInt8], as _: Content.Type) -> String {
        do throws(DecodeError) {
            _ = try Content.decode(bytes, limit: 1 << 16)
            return "read"
        } catch {
            return "\(error.judgement)"
        }
    }

    /// Rejected messages are proof for a ban, and whoever is a release ahead passes on what we cannot read.
    @Test func `what is newer than this program is passed over, what is broken is rejected`() {
        let newer = [UInt8](repeating: 0xee, count: 400)
        #expect(judgement(of: newer, as: Transaction.self) == "ignore")
        #expect(judgement(of: newer, as: Certificate.self) == "ignore")
        #expect(judgement(of: newer, as: WitnessMessage.self) == "ignore")
        #expect(judgement(of: [], as: Transaction.self) == "reject")
        #expect(judgement(of: [], as: Certificate.self) == "reject")
        #expect(judgement(of: [], as: WitnessMessage.self) == "reject")
    }
}
