import CairnBase
import CairnConsensus

/// What the certificates that honest nodes hold say together.
///
/// S2: no view is both skipped and final. S3: one notarized block per view. S4: every block notarized above a final one
/// descends from it. S10: a certificate is a quorum of distinct members of its own epoch, and each has signed. S13: what
/// is certified is a sound block.
struct CertificateChecker: Sendable {
    private struct Epoch: Sendable {
        var notarized = OrderedMap<View, Digest>()
        var skipped = OrderedMap<View, Bool>()
        var final = OrderedMap<View, Digest>()
        var headers = OrderedMap<Digest, Header>()
    }

    private var epochs = OrderedMap<CairnBase.Epoch, Epoch>()
    /// The state that each epoch starts from, as the honest nodes that began it have executed it.
    private var startStates = OrderedMap<CairnBase.Epoch, Digest>()

    /// S12: equal heights mean equal state.
    mutating func began(_ plan: EpochPlan, _ process: ProcessID) -> Violation? {
        if let known = startStates[plan.epoch], known != plan.startState {
            return Violation("S12 state", "\(process) entered epoch \(plan.epoch) from another state")
        }
        startStates[plan.epoch] = plan.startState
        return nil
    }

    mutating func archived(_ certificate: VerifiedCertificate, in world: ConsensusWorld) -> Violation? {
        let view = certificate.view
        let place = "epoch \(certificate.epoch) view \(view)"
        guard certificate.certificate.isQuorum(of: world.committee(of: certificate.epoch)) else {
            return Violation("S10 quorum", "a \(certificate.kind) certificate without one in \(place)")
        }
        var epoch = epochs[certificate.epoch] ?? Epoch()
        defer { epochs[certificate.epoch] = epoch }
        guard isSigned(certificate.certificate, in: world) else {
            return Violation(
                "S10 signatures", "one under a \(certificate.kind) certificate in \(place) is not its signer's")
        }
        if let header = certificate.header {
            epoch.headers[certificate.block] = header
            let fault = HeaderRules.fault(
                in: header, parent: epoch.headers[header.parent], startState: startStates[header.epoch], world)
            if let fault {
                return Violation("S13 block", "\(fault), in \(place)")
            }
        }
        switch certificate.kind {
        case .notarize:
            if let known = epoch.notarized[view], known != certificate.block {
                return Violation("S3 notarization", "two blocks in \(place)")
            }
            guard epoch.notarized[view] == nil else { return nil }
            epoch.notarized[view] = certificate.block
            if let (finalView, final) = epoch.final.entry(atOrBefore: view.preceding()) {
                return Self.descent(of: certificate.block, from: final, at: finalView, in: epoch, place)
            }
        case .nullify:
            epoch.skipped[view] = true
            if epoch.final[view] != nil { return Violation("S2 skipped and final", place) }
        case .finalize:
            if let known = epoch.final[view], known != certificate.block {
                return Violation("S1 finalization", "two blocks in \(place)")
            }
            guard epoch.final[view] == nil else { return nil }
            epoch.final[view] = certificate.block
            if epoch.skipped[view] != nil { return Violation("S2 skipped and final", place) }
            for (later, block) in epoch.notarized.entries(from: view.next) {
                let violation = Self.descent(
                    of: block, from: certificate.block, at: view, in: epoch, "epoch \(certificate.epoch) view \(later)")
                if violation != nil { return violation }
            }
        }
        return nil
    }

    private func isSigned(_ certificate: Certificate, in world: ConsensusWorld) -> Bool {
        let committee = world.committee(of: certificate.epoch)
        let message = certificate.statement(using: world.hash).signedBytes(chain: world.chain)
        return zip(certificate.signers.indices, certificate.signatures).allSatisfy { index, signature in
            committee[index].map { world.keys.isValid(signature, over: message, by: $0.key) } ?? false
        }
    }

    /// Walks down to the final view; stops where a header was never shown to the checker.
    private static func descent(
        of block: Digest, from final: Digest, at view: View, in epoch: Epoch, _ place: String
    ) -> Violation? {
        var cursor = block
        while let header = epoch.headers[cursor], header.view > view { cursor = header.parent }
        guard let header = epoch.headers[cursor], header.view <= view else { return nil }
        return cursor == final ? nil : Violation("S4 descent", "the block of \(place) leaves out final view \(view)")
    }
}
