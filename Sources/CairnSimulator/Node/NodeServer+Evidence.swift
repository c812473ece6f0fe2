import CairnBase
import CairnConsensus
import CairnLedger
import CairnNode
import CairnWire

/// Validators that vote twice: how one of them lies, and how the others and their owners have it punished.
extension NodeServer {
    /// What a two-faced validator says beside a message with votes.
    func contradicting(_ message: NodeTraffic) -> NodeTraffic? {
        guard case .consensus(let message) = message, let other = chain.blocks.last else { return nil }
        let key = world.members[id.index].vote
        return message.contradiction(for: other.header.digest(using: world.hash)) {
            key.sign($0.signedBytes(chain: world.chain))
        }.map(NodeTraffic.consensus)
    }

    /// Kept until the chain has punished it. A process that ends forgets it here; the real one has it in a file.
    mutating func keep(_ evidence: Evidence, at now: Instant, into effects: inout [Effect]) {
        guard let plan = plans.first(where: { $0.epoch == evidence.epoch }),
            let offender = plan.committee[evidence.offender],
            let contradiction = Contradiction(evidence, of: offender.key)
        else { return }
        effects.append(.observe(.evidence(offender.key)))
        effects.append(.note("node.evidence", 1))
        self.evidence.append(contradiction)
        accuse(at: now, into: &effects)
    }

    /// The owner of a founder hands in what its node has seen, with every block until the chain has punished it: what it
    /// handed in before may be lost, or another's came first.
    mutating func accuse(at now: Instant, into effects: inout [Effect]) {
        evidence.removeAll { chain.hasPunished($0) }
        guard let contradiction = evidence.first, id.index < world.founders, world.bug != .forgetEvidence else {
            return
        }
        let account = world.members[id.index].account
        let body = Transaction.Body(
            chain: world.chain, sender: account.id, nonce: chain.nonce(of: account.id), fee: Amount(units: 1_000),
            expiry: Height(1_000_000), action: .accuse(contradiction))
        let transaction = Transaction(body, signature: account.sign(body.signedBytes(chain: world.chain)))
        guard let verified = world.verified(transaction),
            !core.pool.contains(transaction.id(chain: world.chain, using: world.hash))
        else { return }
        submit(verified, ticket: Submission.nobody, at: now, into: &effects)
    }
}
