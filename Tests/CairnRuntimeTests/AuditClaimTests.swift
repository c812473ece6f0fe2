import CairnBase
import CairnCrypto
import CairnNode
import CairnStorage
import CairnWire
import CairnWitness
import Testing

@testable import CairnRuntime

/// Which receipts of a storage round are believed.
@Suite struct AuditClaimTests {
    private let chain = ChainID(Blake2b().digest(DomainTag("test"), [7]).raw)
    private let keys = (0..<11).map { Keys(UInt8($0)) }
    private let audit: StorageAudit
    private var judge: AuditJudge<Blake2b>

    private final class Keys: Sendable {
        let device: DeviceIdentity
        init(_ number: UInt8) {
            device = DeviceIdentity(seed: Seed(known: Blake2b().digest(DomainTag("test"), [number]).raw))
        }

        func party(_ place: Int) -> AuditParty {
            guard let position = Position(latitude: 0, longitude: 0) else { fatalError("a sample is wrong") }
            return AuditParty(
                place: UInt32(place), id: ResourceID(device.key.publicKey.raw), device: device.key.publicKey,
                randomness: device.vrf.publicKey, position: position)
        }
    }

    init() throws {
        let parties = keys.enumerated().map { $0.element.party($0.offset) }
        audit = try #require(
            StorageAudit(
                challenge: Blake2b().digest(DomainTag("test"), [8]), height: Height(5), provider: parties[10],
                partition: 2, subject: .shard(.init(root: .zero, number: 0, count: 8, units: 1)),
                drawn: Array(parties.prefix(9))))
        judge = AuditJudge(chain: chain, hash: Blake2b())
        let times = try #require(AuditTimes(deadline: .seconds(5), pace: .seconds(1), window: (42, 71)))
        var effects: [AuditEffect] = []
        judge.handle(
            .block(Height(5), rounds: [AuditRound(height: Height(5), times: times, audits: [audit])], adopted: []),
            at: .origin, into: &effects)
    }

    /// - Parameters:
    ///   - prover: whose nonce it is; the witness's own unless told.
    ///   - provider: who signs that it has shown something; nobody where it has not.
    private func receipt(
        by witness: Int, _ result: WalkResult = .good, prover: Int? = nil, provider: Int? = 10, signer: Int? = nil
    ) -> SignedWalkReceipt {
        let (proof, nonce) = keys[prover ?? witness].device.vrf.prove(audit.nonceInput(using: Blake2b()))
        let last = Blake2b().digest(DomainTag("test"), [9])
        let body = audit.question(of: keys[witness].party(witness), nonce: nonce).walk(on: chain).signedBody(
            last: last)
        let answer = provider.map { keys[$0].device.key.sign(body, tag: WalkQuestion.answerTag, chain: chain) }
        let receipt = WalkReceipt(
            challenge: audit.challenge, provider: 10, partition: 2, witness: UInt32(witness), result: result,
            elapsedMilliseconds: 1, proof: proof, last: last, answer: answer ?? Signature(r: .zero, s: .zero))
        return SignedWalkReceipt(
            receipt,
            signature: keys[signer ?? witness].device.key.sign(
                receipt.encoded, tag: SignedWalkReceipt.tag, chain: chain))
    }

    private func isBelieved(_ receipt: SignedWalkReceipt) -> Bool {
        AuditClaim(receipt, judge)?.checked(by: Verifier(chain: chain)) != nil
    }

    @Test func aDrawnWitnessIsBelievedWithItsOwnNonce() {
        #expect(isBelieved(receipt(by: 0)) && isBelieved(receipt(by: 8)))
        #expect(isBelieved(receipt(by: 3, .lateOrSilent, provider: nil)))
        #expect(!isBelieved(receipt(by: 9)), "it was not drawn")
        #expect(!isBelieved(receipt(by: 0, prover: 1)), "the nonce is another's")
        #expect(!isBelieved(receipt(by: 0, signer: 1)))
        #expect(!isBelieved(receipt(by: 0, .fullCheckWrong)), "there is no mask")
    }

    @Test func nobodyIsSaidToHaveShownWhatItDidNotSign() {
        #expect(!isBelieved(receipt(by: 0, provider: nil)))
        #expect(!isBelieved(receipt(by: 0, provider: 4)))
    }

    @Test mutating func theFirstWordOfAWitnessCounts() throws {
        let (first, second) = (receipt(by: 0), receipt(by: 0, .lateOrSilent))
        var effects: [AuditEffect] = []
        let verifier = Verifier(chain: chain)
        for height in 6...7 as ClosedRange<UInt64> {
            judge.handle(.block(Height(height), rounds: [], adopted: []), at: .origin, into: &effects)
        }
        #expect(
            effects == [
                .ask(audit, witness: audit.witnesses[0], within: .seconds(5)),
                .ask(audit, witness: audit.witnesses[1], within: .seconds(5)),
            ])
        effects = []
        #expect(judge.isNew(first))
        for signed in [first, first, second] {
            let checked = try #require(AuditClaim(signed, judge)?.checked(by: verifier))
            judge.handle(.receipt(checked), at: .origin, into: &effects)
        }
        #expect(!judge.isNew(second) && effects == [.contradiction(first, second)])
        #expect(judge.refusals[JudgeRefusal.repeated.rawValue] == 2)
    }
}
