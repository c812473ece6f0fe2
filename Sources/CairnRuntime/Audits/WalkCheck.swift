import CairnBase
import CairnCrypto
import CairnStorage
import CairnWitness

/// What a provider of a sealed partition has sent, to be looked at beside the loop: the full check costs as much as sealing a
/// unit.
struct WalkCheck: Sendable {
    let partition: StorageAudit.Partition
    let number: UInt32
    let rules: WalkRules
    let question: WalkQuestion
    /// Where the provider signed that the walk ended.
    let last: Digest
    let leaves: [UInt8]
    /// Nil for what did not come in time.
    let check: [UInt8]?

    func result() -> WalkResult {
        let hash = Blake2b()
        guard
            let roots = PartitionRoots(units: partition.units, packed: partition.packed, manifest: partition.manifest),
            let answer = try? WalkAnswer.decode(leaves, steps: rules.steps, height: roots.height)
        else { return .badPath }
        switch answer.fault(answering: question, steps: rules.steps, partition: roots, last: last, using: hash) {
        case nil: break
        case .path: return .badPath
        case .steps, .place, .end: return .badLeaf
        }
        guard let check else { return .fullCheckUnanswered }
        guard let shown = try? FullCheck.decode(check, height: roots.height), let pad = Pad(passes: rules.passes) else {
            return .fullCheckWrong
        }
        let sealing = Sealing(chain: question.chain, provider: question.provider, pad: pad, using: hash)
        // Only filler is sealed: a shard named here is none.
        let fault = shown.fault(
            at: last.raw.low64 % roots.leaves, in: roots, number: number, shardUnits: 0, sealing: sealing)
        return fault == nil ? .good : .fullCheckWrong
    }
}
