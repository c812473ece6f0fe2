import CairnBase
import CairnCrypto
import CairnWire
import CairnWitness
import Testing

@Suite struct CoverageVectorTests {
    private let hash = Blake2b()

    private var resource: ResourceID {
        var writer = ByteWriter()
        writer.identifier(Town.chain)
        writer.raw([UInt8](repeating: 7, count: 32))
        writer.u64(0)
        return ResourceID(hash.digest(DomainTag("cn/res"), writer.bytes).raw)
    }

    @Test func challengesAndDrawsAreThePublishedOnes() {
        #expect(Town.origin.description == "6b251ea728a68f751638fe9590019559dd7b9131b68e3a23aa93577afdf76283")
        let id = ChallengeKind.radio.challenge(
            of: resource, profile: 1, at: Height(1000), chain: Town.chain, using: hash)
        #expect(id.description == "e0d9be490de0423c884c3ea02e708897f29cb9d0ff3357f950167a0d13f7b6cb")
        let draw = Draw.number(DomainTag("cn/cov"), Town.origin, Height(1000), [resource.raw], using: hash)
        #expect(draw == 9_561_374_429_947_944_936)
        let hits = { (rate: UInt64) in
            Draw.challenges(
                resource, at: Height(1000), rateMilli: rate, epochBlocks: 1, randomness: Town.origin, using: hash)
        }
        // 9561374429947944936 / 2^64 = 0.5183…
        #expect(hits(519) && !hits(518))
    }

    @Test func theBeaconIsThePublishedOne() throws {
        let output = Digest(try #require(Bytes32((0..<32).map { UInt8($0) })))
        let beacon = Beacon(output: output, profile: 1, height: Height(1000), region: .eu868, using: hash)
        #expect(hex(beacon.payload) == "e0010100e8030000e64a977ad70cc800e13403ff91bf29130c7fe6b5")
        #expect(beacon.spreading == 9 && beacon.step == 3)
        #expect(Region.eu868.channels.contains(beacon.frequency))
        #expect(beacon.power(in: .eu868) == 1_600 - 900)
        let head = try #require(BeaconHead(beacon.payload))
        #expect(head.profile == 1 && head.height == 1000)
        #expect(BeaconHead(Array(beacon.payload.dropLast())) == nil)
        #expect(BeaconHead([0x40] + beacon.payload.dropFirst()) == nil)
    }

    @Test func theCommitmentIsThePublishedOne() throws {
        let opening = try Opening.decode([UInt8](repeating: 0, count: Opening.count), limit: Opening.count)
        #expect(
            opening.commitment(on: Town.chain, using: hash).description
                == "3d187b1afa4a3b4f4c84889bf64d28868314e6881b7739b9cd1308cac9e193e7")
    }

    @Test func pathLossIsThePublishedOne() {
        #expect(PathLoss.freeSpace(metres: 350, hertz: 904_300_000) == 8_245)
        #expect(PathLoss.freeSpace(metres: 100_000, hertz: 904_300_000) == 13_157)
        let published: [(UInt64, Int64)] = [(300, 8_075), (1_000, 9_121), (15_000, 11_473)]
        for (metres, loss) in published {
            #expect((PathLoss.freeSpace(metres: metres, hertz: 868_100_000) - loss).magnitude <= 2)
        }
    }

    @Test func sizesAreThePublishedOnes() throws {
        let round = try Round(Town(5))
        let witness = try round.witnesses[0]
        let opening = try round.opening(witness)
        #expect(opening.receipt.encoded.count == 112)
        #expect(try round.commit(witness, opening).value.encoded.count == Commit.count)
        #expect(try round.beaconReveal().value.encoded.count == BeaconReveal.count)
        guard case .alone(let reveal) = try round.reveal(witness, opening) else { return }
        #expect(reveal.value.encoded.count == 192)
        #expect(try Reveal.decode(reveal.value.encoded, limit: 192) == reveal.value)
        var judge = round.judge()
        try judge.run(try round.witnesses.map { ($0, try round.opening($0)) })
        let verdict = try judge.verdict
        #expect(verdict.encoded.count == 66 + 16 * verdict.seats.count && verdict.seats.count == 4)
    }
}
