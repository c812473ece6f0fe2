import CairnBase
import CairnCrypto
import CairnWire
import CairnWitness

/// How many verdicts of ten receipts a validator checks again on one core before it votes for them: the signatures of the
/// receipts, what is true of each, the draw of seats, the score. Commits and beacons were checked when they came. Beside it
/// the signatures alone.
func witnessBench() -> [Figure] {
    do {
        let town = try WitnessTown()
        let verifier = Verifier(chain: town.chain)
        let claims = town.reveals.map { Claim($0, by: $0.receipt.witness) }
        let oneByOne = { claims.map { claim in verifier.verify(claim).map { [VouchedReveal.alone($0)] } ?? [] } }
        let byWindow = { town.batches.map { vouched($0, by: verifier) } }
        let verdicts = (
            alone: try town.verdicts(after: oneByOne()), batched: try town.verdicts(after: byWindow())
        )
        let alone = try Measurement.paired(operations: WitnessTown.targets) { () throws(WitnessTown.Unsound) in
            guard town.votes(for: verdicts.alone, after: oneByOne()) else { throw WitnessTown.Unsound() }
        } limit: { () throws(WitnessTown.Unsound) in
            guard verifier.verify(claims).allSatisfy({ $0 != nil }) else { throw WitnessTown.Unsound() }
        }
        let batched = try Measurement.paired(operations: WitnessTown.targets) { () throws(WitnessTown.Unsound) in
            guard town.votes(for: verdicts.batched, after: byWindow()) else { throw WitnessTown.Unsound() }
        } limit: { () throws(WitnessTown.Unsound) in
            guard town.votes(for: verdicts.alone, after: oneByOne()) else { throw WitnessTown.Unsound() }
        }
        return [
            Figure(
                bench: "witness", name: "verdicts, receipts signed", value: 1e9 / alone.ours, unit: "per s",
                limit: 1e9 / alone.limit, limitName: "signatures alone", ratio: alone.limit / alone.ours,
                better: .higher, target: 0.85),
            Figure(
                bench: "witness", name: "verdicts, windows signed", value: 1e9 / batched.ours, unit: "per s",
                limit: 1e9 / batched.limit, limitName: "receipts signed", ratio: 1 / batched.ratio,
                better: .higher, target: 5),
        ]
    } catch {
        fatalError("the witness benchmark could not run: \(error)")
    }
}

/// As the edge checks a batch: one signature, and each receipt's place under it.
private func vouched(_ batch: RevealBatch, by verifier: Verifier) -> [VouchedReveal] {
    guard let key = batch.openings.first?.receipt.witness,
        let seal = verifier.verify(Claim(batch.seal, by: key)), let reveals = batch.reveals(using: Blake2b())
    else { return [] }
    return reveals.map { .batched($0, seal) }
}
