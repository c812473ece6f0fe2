import CairnBase
import CairnLedger

extension GenesisError {
    /// `$.validators[0].bond: less than candidateBondMin, which is 100 here`.
    var words: String { "\(path): \(reason.words)" }
}

extension GenesisError.Reason {
    fileprivate var words: String {
        switch self {
        case .name: "not 1 to \(Genesis.nameLengthMax) of a-z, 0-9 and -"
        case .symbol: "not 1 to \(Genesis.symbolLengthMax) capital letters"
        case .duplicate: "the same as one before it"
        case .tooMany(let limit): "more than \(limit)"
        case .none: "empty, and one is needed"
        case .bondBelowMinimum(let least): "less than candidateBondMin, which is \(least) here"
        case .zeroAmount: "zero"
        case .aboveCap: "together with bonds and treasury more than the cap of \(Amount.cap)"
        case .unknownVerifier: "a verifier that this program does not have"
        case .foreignRules: "not what the service of this name is made of"
        case .quorum: "less than a third of the seats"
        case .shares: "more than the whole is given away"
        case .unknownKey: "no member of this name is known"
        case .missing: "missing"
        case .wrongType(let wanted): "not a \(wanted)"
        case .outOfBounds(let bounds): "not from \(bounds.lowerBound) to \(bounds.upperBound)"
        case .invalidText(let what): "not a valid \(what)"
        }
    }
}
