import CairnBase
import CairnConsensus
import CairnWire
import Testing

/// Every object that travels: one value, one byte string, and no byte string that traps.
@Suite struct CodecTests {
    private func messages() throws -> [ConsensusMessage] {
        let bench = try Bench(weights: [1, 2, 3, 4, 5, 6, 7, 8, 9])
        let block = bench.block(3, payload: [1, 2, 3])
        let skip = bench.nullification(2, by: [1, 8])
        let position = ChainPosition(epoch: Epoch(1), view: View(2), floor: View(.max))
        let status = Status(
            statement: StatusStatement(nonce: 9, position: position), member: MemberIndex(4),
            signature: bench.vote(.nullify, 1, by: 2).signature, entry: skip,
            votesOfAsker: [bench.vote(.finalize, 3, bench.digest(block), by: 3)])
        let bodies: [ConsensusMessage.Body] = [
            .proposal(bench.proposal(block, certificates: [skip, bench.notarization(block, by: [0, 4])])),
            .votes([bench.vote(.notarize, 3, bench.digest(block), by: 0), bench.vote(.nullify, 4, by: 8)]),
            .certificates([bench.finalization(block, by: [0, 3, 7, 8]), skip]),
            .certificateRequest(CertificateRequest(epoch: Epoch(0), first: View(4), last: View(900))),
            .statusRequest(StatusRequest(nonce: 77, epoch: Epoch(3), lastLogged: View(12))),
            .status(status),
        ]
        return bodies.map { ConsensusMessage(position: position, body: $0) }
    }

    @Test func everyMessageComesBack() throws {
        for message in try messages() {
            #expect(try ConsensusMessage.decode(message.encoded, limit: ConsensusLimits.messageBytes) == message)
        }
    }

    @Test func everyTruncationIsRefused() throws {
        for message in try messages() {
            let bytes = message.encoded
            for count in 0..<bytes.count {
                #expect(throws: DecodeError.self) {
                    try ConsensusMessage.decode(Array(bytes[..<count]), limit: ConsensusLimits.messageBytes)
                }
            }
            #expect(throws: DecodeError.trailing(count: 1)) {
                try ConsensusMessage.decode(bytes + [0], limit: ConsensusLimits.messageBytes)
            }
        }
    }

    /// Whatever a mutated input decodes to has the mutated bytes as its only form.
    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func mutationsNeverTrapAndStayCanonical(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let originals = try messages().map(\.encoded)
        for _ in 0..<2_000 {
            var bytes = originals[Int(random.below(UInt64(originals.count)))]
            for _ in 0...random.below(3) {
                let place = Int(random.below(UInt64(bytes.count)))
                bytes[place] = UInt8(truncatingIfNeeded: random.next())
            }
            guard let message = try? ConsensusMessage.decode(bytes, limit: ConsensusLimits.messageBytes) else {
                continue
            }
            #expect(message.encoded == bytes)
        }
    }

    @Test func hostileCountsAreRefusedBeforeAllocation() {
        var writer = ByteWriter()
        writer.raw([UInt8](repeating: 0, count: 24))
        writer.u8(2)
        writer.u32(.max)
        let refusal = DecodeError.tooLarge(size: UInt64(UInt32.max), limit: UInt64(ConsensusLimits.votesPerMessage))
        #expect(throws: refusal) {
            try ConsensusMessage.decode(writer.bytes, limit: ConsensusLimits.messageBytes)
        }
    }

    @Test func signerBitsBeyondTheCommitteeAreRefused() throws {
        let bytes: [UInt8] = [3, 0, 0b0000_1001]
        #expect(throws: DecodeError.notCanonical("signer bits beyond the committee")) {
            try SignerSet.decode(bytes, limit: 16)
        }
        #expect(try SignerSet.decode([3, 0, 0b101], limit: 16).indices == [MemberIndex(0), MemberIndex(2)])
    }

    @Test func aNullifyThatNamesABlockIsRefused() throws {
        let statement = VoteStatement(epoch: Epoch(0), view: View(1), kind: .nullify, block: .zero)
        var bytes = statement.encoded
        bytes[20] = 1
        #expect(throws: DecodeError.notCanonical("nullify names no block")) {
            try VoteStatement.decode(bytes, limit: 64)
        }
    }

    @Test func sizesAreThoseOfTheDocument() throws {
        let bench = try Bench()
        let vote = bench.vote(.nullify, 1, by: 0)
        #expect(vote.encoded.count == 115)
        #expect(bench.block(1).header.encoded.count == 350)
        #expect(try #require(Evidence(vote, bench.vote(.finalize, 1, Digest(.zero), by: 0))).encoded.count == 230)
    }
}
