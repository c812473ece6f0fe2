public import CairnBase
public import CairnWire

/// Two votes of one validator that must not both exist: the only ground for taking stake.
///
/// "Notarize X and finalize A ≠ X" is deliberately absent: an honest validator finalizes whatever block of the view was
/// notarized, even if it voted for another one.
public struct Evidence: Sendable, Hashable {
    public enum Offence: UInt8, Sendable, Hashable {
        /// Two blocks notarized in one view.
        case twoNotarizes = 1
        /// A view both skipped and finalized.
        case nullifyAndFinalize = 2
        /// Two blocks finalized in one view.
        case twoFinalizes = 3
    }

    public let offence: Offence
    public let offender: MemberIndex
    /// In a fixed order, so that one offence has one form: by kind, then by digest.
    public let first: Vote
    public let second: Vote

    /// Nil unless the two votes contradict each other. Signatures are the caller's to check.
    public init?(_ left: Vote, _ right: Vote) {
        guard left.voter == right.voter, left.statement.epoch == right.statement.epoch,
            left.statement.view == right.statement.view
        else { return nil }
        let (first, second) = Self.ordered(left, right)
        switch (first.statement.kind, second.statement.kind) {
        case (.notarize, .notarize) where first.statement.block != second.statement.block: offence = .twoNotarizes
        case (.nullify, .finalize): offence = .nullifyAndFinalize
        case (.finalize, .finalize) where first.statement.block != second.statement.block: offence = .twoFinalizes
        default: return nil
        }
        offender = first.voter
        self.first = first
        self.second = second
    }

    public var epoch: Epoch { first.statement.epoch }

    private static func ordered(_ left: Vote, _ right: Vote) -> (Vote, Vote) {
        let leftKey = (left.statement.kind.rawValue, left.statement.block.raw)
        let rightKey = (right.statement.kind.rawValue, right.statement.block.raw)
        return leftKey <= rightKey ? (left, right) : (right, left)
    }
}

extension Evidence: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        let first = try Vote(from: &reader)
        let second = try Vote(from: &reader)
        guard let evidence = Evidence(first, second) else { throw .invalid("evidence") }
        guard evidence.first == first else { throw .notCanonical("evidence order") }
        self = evidence
    }

    public func encode(into writer: inout ByteWriter) {
        first.encode(into: &writer)
        second.encode(into: &writer)
    }
}

extension Evidence {
    /// Every offence that the signatures of two certificates of one view prove.
    public static func between(
        _ left: Certificate, _ right: Certificate, using hash: some HashFunction
    ) -> [Evidence] {
        let leftStatement = left.statement(using: hash)
        let rightStatement = right.statement(using: hash)
        guard leftStatement.epoch == rightStatement.epoch, leftStatement.view == rightStatement.view else { return [] }
        var rest = right.votes(of: rightStatement)[...]
        var found: [Evidence] = []
        for vote in left.votes(of: leftStatement) {
            while let next = rest.first, next.voter < vote.voter { rest.removeFirst() }
            if let next = rest.first, let evidence = Evidence(vote, next) { found.append(evidence) }
        }
        return found
    }
}

extension Certificate {
    /// The votes it is made of, by voter.
    public func votes(of statement: VoteStatement) -> [Vote] {
        zip(signers.indices, signatures).map { Vote(statement: statement, voter: $0, signature: $1) }
    }
}
