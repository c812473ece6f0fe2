import CairnBase
import CairnCrypto
import CairnWire
import CairnWitness

/// How many verdicts of ten receipts a validator checks again on one core before it votes for them: the signatures of the
/// receipts, what is true of each, the draw of seats, the score. Commits and beacons were checked when they came. Beside it
/// the signatures alone.
///
/// With so many receipts of one witness under one signature: all of a town that is challenged at once, and as many as our
/// own gateways tell apart.
func witnessBench() -> [Figure] {
    do {
        let town = try WitnessTown()
        let verifier = Verifier(chain: town.chain)
        let claims = town.reveals.map { Claim($0, by: $0.receipt.witness) }
        let alone = try Reading(town) {
            claims.map { claim in verifier.verify(claim).map { [VouchedReveal.alone($0)] } ?? [] }
        }
        let signed = try Measurement.paired(operations: WitnessTown.targets) { () throws(WitnessTown.Unsound) in
            try alone.vote()
        } limit: { () throws(WitnessTown.Unsound) in
            guard verifier.verify(claims).allSatisfy({ $0 != nil }) else { throw WitnessTown.Unsound() }
        }
        let figure = Figure(
            bench: "witness", name: "verdicts, receipts signed", value: 1e9 / signed.ours, unit: "per s",
            limit: 1e9 / signed.limit, limitName: "signatures alone", ratio: 1 / signed.ratio, better: .higher,
            target: 0.85)
        return try [figure]
            + [WitnessTown.targets, Limits.Witness().candidatesPerReception].map { count in
                let batches = try town.batches(of: count)
                let reading = try Reading(town) { batches.map { vouched($0, by: verifier) } }
                let both = try Measurement.paired(operations: WitnessTown.targets) { () throws(WitnessTown.Unsound) in
                    try reading.vote()
                } limit: { () throws(WitnessTown.Unsound) in
                    try alone.vote()
                }
                return Figure(
                    bench: "witness", name: "verdicts, \(count) to a signature", value: 1e9 / both.ours, unit: "per s",
                    limit: 1e9 / both.limit, limitName: "receipts signed", ratio: 1 / both.ratio, better: .higher,
                    target: 5)
            }
    } catch {
        fatalError("the witness benchmark could not run: \(error)")
    }
}

/// One form in which receipts come, and the verdicts that they come to.
private struct Reading {
    private let town: WitnessTown
    private let receipts: () -> [[VouchedReveal]]
    private let verdicts: [CoverageVerdict]

    init(_ town: WitnessTown, _ receipts: @escaping () -> [[VouchedReveal]]) throws {
        self.town = town
        self.receipts = receipts
        verdicts = try town.verdicts(after: receipts())
    }

    func vote() throws(WitnessTown.Unsound) {
        guard town.votes(for: verdicts, after: receipts()) else { throw WitnessTown.Unsound() }
    }
}

/// As the edge checks a batch: one signature, and each receipt's place under it.
private func vouched(_ batch: RevealBatch, by verifier: Verifier) -> [VouchedReveal] {
    guard let key = batch.openings.first?.receipt.witness,
        let seal = verifier.verify(Claim(batch.seal, by: key)), let reveals = batch.reveals(using: Blake2b())
    else { return [] }
    return reveals.map { .batched($0, seal) }
}
