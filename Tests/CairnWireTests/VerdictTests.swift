import CairnBase
import CairnWire
import Testing

@Suite struct VerdictTests {
    static let verdicts: [Verdict] = {
        let seats = (0..<3 as Range<UInt32>).map { place in
            CoverageVerdict.Seat(
                witness: 2 * place, reasons: Reasons(.powerStep), units: 7, signal: -900, noiseDistance: -3,
                powerStep: 1)
        }
        let coverage = CoverageVerdict(
            height: Height(8), target: 9, kind: .roundTrip, units: 10, reasons: Reasons(.island), receipts: .zero,
            neighbours: 1 << 63, seats: seats)
        let walks = (0..<7 as Range<UInt32>).map { StorageVerdict.Walk(witness: $0, result: .good) }
        let storage = StorageVerdict(
            height: Height(8), provider: 9, partition: 3, kind: .sealedRound, passed: true, units: 64,
            reasons: Reasons(.twin), receipts: .zero, walks: walks)
        return [coverage.map(Verdict.coverage), storage.map(Verdict.storage)].compactMap(\.self)
    }()

    @Test func coverageTakesSixtySixBytesAndSixteenASeat() throws {
        let verdict = try #require(Self.verdicts.first)
        #expect(verdict.encoded.count == 1 + 66 + 3 * 16)
        #expect(Verdict.byteCountMax == 1 + 66 + 64 * 16)
    }

    @Test(arguments: verdicts)
    func bytesMeanOneVerdict(verdict: Verdict) throws {
        let bytes = verdict.encoded
        #expect(try Verdict.decode(bytes, limit: Verdict.byteCountMax) == verdict)
        for count in bytes.indices {
            #expect(throws: DecodeError.self) { try Verdict.decode(Array(bytes[..<count]), limit: 2000) }
        }
        #expect(throws: DecodeError.trailing(count: 1)) { try Verdict.decode(bytes + [0], limit: 2000) }
        // Whatever one byte is changed to, it is another verdict or none.
        for (index, byte) in bytes.enumerated() {
            var changed = bytes
            changed[index] = byte ^ 0x80
            #expect((try? Verdict.decode(changed, limit: 2000)) != verdict)
        }
    }

    @Test func whatIsNoVerdictIsRefused() throws {
        let bytes = try #require(Self.verdicts.first).encoded
        func change(_ index: Int, to byte: UInt8) -> [UInt8] { bytes[..<index] + [byte] + bytes[(index + 1)...] }
        let cases: [([UInt8], DecodeError)] = [
            (change(0, to: 2), .unknown("verdict form", 2)),
            (change(13, to: 9), .unknown("challenge kind", 9)),
            (change(13, to: 3), .notCanonical("coverage verdict")),
            (change(14, to: 65), .tooLarge(size: 65, limit: 64)),
            (change(25, to: 0xff), .invalid("reason bits")),
            // The second seat comes to the place of the first.
            (change(67 + 16, to: 0), .notCanonical("coverage verdict")),
            (change(67 + 15, to: 4), .invalid("power step")),
        ]
        for (bytes, error) in cases {
            #expect(throws: error) { try Verdict.decode(bytes, limit: Verdict.byteCountMax) }
        }
    }

    @Test func reasonsAreNumberedWithoutGaps() {
        #expect(Reason.allCases.map(\.rawValue) == Array(1...52))
        #expect(Reasons(.late, .twin).list == [.late, .twin])
    }
}
