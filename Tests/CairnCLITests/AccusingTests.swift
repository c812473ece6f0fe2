import CairnBase
import CairnCrypto
import CairnLedger
import CairnWire
import Testing

@testable import CairnCLI

/// What evidence is worth handing in.
@Suite struct AccusingTests {
    @Test func `votes that the validator did not sign are no evidence`() throws {
        let chain = ChainID(Bytes32([UInt8](repeating: 7, count: 32)) ?? .zero)
        let key = SecretKey(seed: Seed(known: Bytes32([UInt8](1...32)) ?? .zero))
        func vote(_ block: UInt8, signedFor signed: UInt8) -> Contradiction.Vote {
            func digest(_ number: UInt8) -> Digest { Blake2b().digest(DomainTag("cn/test"), [number]) }
            var body = ByteWriter(capacity: 49)
            body.ordinal(Epoch(1))
            body.ordinal(View(3))
            body.u8(Contradiction.VoteKind.notarize.rawValue)
            body.identifier(digest(signed))
            return Contradiction.Vote(
                kind: .notarize, block: digest(block),
                signature: key.sign(body.bytes, tag: DomainTag("cn/vote"), chain: chain))
        }
        func isSigned(_ second: Contradiction.Vote, on chain: ChainID) throws -> Bool {
            try #require(
                Contradiction(
                    key: key.publicKey, epoch: Epoch(1), view: View(3), vote(1, signedFor: 1), second)
            ).isSigned(Verifier(chain: chain))
        }
        #expect(try isSigned(vote(2, signedFor: 2), on: chain))
        #expect(try !isSigned(vote(2, signedFor: 3), on: chain))
        #expect(try !isSigned(vote(2, signedFor: 2), on: ChainID(.zero)))
    }
}
