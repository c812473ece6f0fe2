import CairnBase
import CairnConsensus

/// S9: evidence is sound and names liars only. No honest node stops voting.
struct EvidenceChecker: Sendable {
    private(set) var named = OrderedMap<ProcessID, Bool>()

    mutating func reported(_ evidence: Evidence, in world: ConsensusWorld) -> Violation? {
        guard let member = world.committee(of: evidence.epoch)[evidence.offender],
            let offender = world.process(of: member.key)
        else { return Violation("S9 evidence", "it names nobody") }
        for vote in [evidence.first, evidence.second] {
            let message = vote.statement.signedBytes(chain: world.chain)
            guard world.keys.isValid(vote.signature, over: message, by: member.key) else {
                return Violation("S9 evidence", "a signature in it is not \(offender)'s")
            }
        }
        guard world.isLiar(offender) else {
            return Violation("S9 evidence", "\(offender) is honest and accused of \(evidence.offence)")
        }
        named[offender] = true
        return nil
    }

    func stopped(_ process: ProcessID, _ reason: StopReason) -> Violation? {
        Violation("honest stop", "\(process) stopped voting: \(reason)")
    }
}
