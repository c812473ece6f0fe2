public import CairnBase
public import CairnWire

/// What a block made of one of its verdicts. The state forgets a verdict when its epoch is settled; this is for people
/// who ask later.
public struct Judgement: Sendable, Equatable {
    public let verdict: Verdict
    public let outcome: VerdictOutcome
    /// Who was challenged; nil where nobody has that place.
    public let resource: ResourceID?

    public init(verdict: Verdict, outcome: VerdictOutcome, resource: ResourceID?) {
        self.verdict = verdict
        self.outcome = outcome
        self.resource = resource
    }
}

/// How a verdict in a block ended. Numbers are stable.
public enum VerdictOutcome: UInt16, Sendable, CaseIterable {
    case adopted = 0
    case outOfOrder = 200
    case tooEarly = 201
    case tooLate = 202
    case alreadyJudged = 203
    case unknownTarget = 204
    case unknownWitness = 205
    case wrongKind = 206
    case wrongArithmetic = 207
    case epochSettled = 208
    case unknownVerifier = 209
    case tooManyVerdicts = 210
}
