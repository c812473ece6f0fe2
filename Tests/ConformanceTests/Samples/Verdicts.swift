import CairnBase
import CairnWire

/// A verdict of each form, with every field different from zero.
func verdicts() throws -> [Verdict] {
    let root = Digest(Bytes32((0..<32).map { 0x40 + $0 }) ?? .zero)
    let seats = (0..<2 as Range<UInt32>).map { place in
        CoverageVerdict.Seat(
            witness: 5 + place, reasons: Reasons(.tooPerfect), units: 250_000, signal: -1043, noiseDistance: -7,
            powerStep: 2)
    }
    let coverage = CoverageVerdict(
        height: Height(1000), target: 4, kind: .radio, units: 500_000, reasons: Reasons(.notIndependent, .island),
        receipts: root, neighbours: 0b101, seats: seats)
    let storage = [ChallengeKind.sealedRound, .hotRound].map { kind in
        StorageVerdict(
            height: Height(1001), provider: 9, partition: kind == .hotRound ? 3 : 2, kind: kind, passed: true,
            units: 64,
            reasons: Reasons(.badPath), receipts: root,
            walks: StorageVerdict.Result.allCases.map { .init(witness: 20 + UInt32($0.rawValue), result: $0) }
                + [.init(witness: 31, result: .good)])
    }
    return try [.coverage(coverage.unwrapped())] + storage.map { .storage(try $0.unwrapped()) }
}
