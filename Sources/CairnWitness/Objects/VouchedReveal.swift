import CairnBase
public import CairnWire

/// A reveal whose signature the edge has checked: its own, or that of the batch it says it stands in.
public enum VouchedReveal: Sendable {
    case alone(Verified<Reveal>)
    case batched(EndorsedReveal, Verified<BatchSeal>)

    /// The reveal and who signed it; nil when the batch that was signed does not contain it.
    func opened(using hash: some HashFunction) -> (reveal: Reveal, signer: PublicKey)? {
        switch self {
        case .alone(let verified): return (verified.value, verified.signer)
        case .batched(let endorsed, let seal):
            guard let endorsement = endorsed.endorsement, endorsement.seal(of: endorsed.reveal) == seal.value,
                endorsement.covers(endorsed.reveal.opening, using: hash)
            else { return nil }
            return (endorsed.reveal, seal.signer)
        }
    }

    /// As it is kept and sent on.
    var endorsed: EndorsedReveal {
        switch self {
        case .alone(let verified): EndorsedReveal(reveal: verified.value)
        case .batched(let endorsed, _): endorsed
        }
    }
}
