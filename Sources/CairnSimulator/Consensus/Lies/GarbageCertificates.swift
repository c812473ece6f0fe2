import CairnBase
import CairnConsensus

/// Sends certificates that are nearly right: a signature too few, one repeated, another kind, another view.
struct GarbageCertificates: Behaviour {
    mutating func speak(_ message: ConsensusMessage, to targets: [ProcessID], on liar: inout Liar) {
        liar.say(message, to: targets)
        guard case .certificates(let certificates) = message.body, let sound = certificates.first else { return }
        liar.say(.certificates([spoil(sound, &liar)]), to: targets)
    }

    mutating func overhear(_ message: ConsensusMessage, on liar: inout Liar) {
        guard case .certificates(let certificates) = message.body, let sound = certificates.first,
            liar.random.below(4) == 0
        else { return }
        liar.say(.certificates([spoil(sound, &liar)]), to: liar.some(liar.process.committee))
    }

    private func spoil(_ sound: Certificate, _ liar: inout Liar) -> Certificate {
        let far = View(sound.view.number &+ 1 &+ liar.random.below(1_000))
        switch liar.random.below(4) {
        case 0:
            return Certificate(
                subject: sound.subject, signers: sound.signers, signatures: Array(sound.signatures.dropLast()))
        case 1:
            return Certificate(
                subject: sound.subject, signers: sound.signers,
                signatures: [Signature](repeating: sound.signatures[0], count: sound.signatures.count))
        case 2:
            return Certificate(
                subject: .nullification(sound.epoch, sound.view), signers: sound.signers,
                signatures: sound.signatures)
        default:
            return Certificate(
                subject: .nullification(sound.epoch, far), signers: sound.signers, signatures: sound.signatures)
        }
    }
}
