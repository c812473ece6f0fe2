import CairnBase

/// One member's vote of one kind in one view.
struct Ballot: Sendable, Hashable {
    let block: Digest
    let signature: Signature
}

/// The votes of one view: for each member and kind the first one, and one that contradicts it.
///
/// That is all a member can make us keep, whatever it sends: three kinds, two of which can be contradicted.
struct Tally: Sendable, Hashable {
    enum Outcome: Equatable {
        case added
        case alreadyKnown
        /// The member has voted otherwise before; the second vote is kept if it is the first such.
        case contradicts(Ballot)
    }

    private var first: [[Ballot?]]
    private var second: [[Ballot?]]
    private let size: Int

    init(size: Int) {
        self.size = size
        first = [[Ballot?]](repeating: [], count: 3)
        second = first
    }

    func ballot(_ kind: VoteKind, of member: MemberIndex) -> Ballot? { Self.entry(first, kind, member) }

    func holds(_ vote: Vote) -> Bool {
        let ballot = Ballot(block: vote.statement.block, signature: vote.signature)
        return [first, second].contains { Self.entry($0, vote.statement.kind, vote.voter) == ballot }
    }

    mutating func add(_ vote: Vote) -> Outcome {
        let kind = vote.statement.kind
        let ballot = Ballot(block: vote.statement.block, signature: vote.signature)
        guard let known = self.ballot(kind, of: vote.voter) else {
            Self.set(&first, kind, vote.voter, ballot, size)
            return .added
        }
        if known.block == ballot.block || Self.entry(second, kind, vote.voter)?.block == ballot.block {
            return .alreadyKnown
        }
        if Self.entry(second, kind, vote.voter) == nil { Self.set(&second, kind, vote.voter, ballot, size) }
        return .contradicts(known)
    }

    /// The members who voted so, by index, with their signatures.
    func supporters(_ kind: VoteKind, _ block: Digest) -> [(member: MemberIndex, signature: Signature)] {
        (0..<size).compactMap { number in
            let member = MemberIndex(UInt16(number))
            for ballots in [first, second] {
                if let ballot = Self.entry(ballots, kind, member), ballot.block == block {
                    return (member, ballot.signature)
                }
            }
            return nil
        }
    }

    /// The weight of distinct members behind a vote.
    func weight(_ kind: VoteKind, _ block: Digest, in committee: Committee) -> UInt64 {
        var sum: UInt64 = 0
        for index in 0..<size {
            let member = MemberIndex(UInt16(index))
            if Self.entry(first, kind, member)?.block == block || Self.entry(second, kind, member)?.block == block {
                sum += committee.weight(of: member)
            }
        }
        return sum
    }

    /// Everything held of one member, as votes.
    func votes(of member: MemberIndex, epoch: Epoch, view: View) -> [Vote] {
        VoteKind.allCases.flatMap { kind in
            [Self.entry(first, kind, member), Self.entry(second, kind, member)].compactMap { ballot in
                ballot.map {
                    Vote(
                        statement: VoteStatement(epoch: epoch, view: view, kind: kind, block: $0.block),
                        voter: member, signature: $0.signature)
                }
            }
        }
    }

    private static func entry(_ ballots: [[Ballot?]], _ kind: VoteKind, _ member: MemberIndex) -> Ballot? {
        let row = ballots[Int(kind.rawValue) - 1]
        return Int(member.number) < row.count ? row[Int(member.number)] : nil
    }

    /// Rows are made when first needed: most views see no nullify and no contradiction.
    private static func set(
        _ ballots: inout [[Ballot?]], _ kind: VoteKind, _ member: MemberIndex, _ ballot: Ballot, _ size: Int
    ) {
        let row = Int(kind.rawValue) - 1
        if ballots[row].isEmpty { ballots[row] = [Ballot?](repeating: nil, count: size) }
        if Int(member.number) < size { ballots[row][Int(member.number)] = ballot }
    }
}
