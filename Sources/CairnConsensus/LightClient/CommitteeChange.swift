import CairnBase
public import CairnWire

/// What differs between two committees that follow each other: most members stay, so most of a list need not be told.
public struct CommitteeChange: Sendable, Hashable {
    /// Seats of the old committee that are not taken over, lowest first.
    public let left: [MemberIndex]
    /// Members that stay with another weight, lowest seat first.
    public let reweighted: [Reweighting]
    /// Members that are new, or have other keys than before, in the order of their vote keys.
    public let joined: [Validator]

    public struct Reweighting: Sendable, Hashable {
        public let seat: MemberIndex
        public let weight: UInt64
    }

    public init(from old: Committee, to new: Committee) {
        var left: [MemberIndex] = []
        var reweighted: [Reweighting] = []
        var joined: [Validator] = []
        for (position, member) in old.members.enumerated() {
            let seat = MemberIndex(UInt16(position))
            guard let next = new.index(of: member.key).flatMap({ new[$0] }), next.isSame(as: member) else {
                left.append(seat)
                continue
            }
            if next.weight != member.weight { reweighted.append(Reweighting(seat: seat, weight: next.weight)) }
        }
        for member in new.members {
            let before = old.index(of: member.key).flatMap { old[$0] }
            if before?.isSame(as: member) != true { joined.append(member) }
        }
        (self.left, self.reweighted, self.joined) = (left, reweighted, joined)
    }

    /// The committee after the change; nil when it does not fit `old` or leads to none.
    public func applied(to old: Committee) -> Committee? {
        let seats = MemberIndex(UInt16(old.count))
        guard left.allSatisfy({ $0 < seats }), reweighted.allSatisfy({ $0.seat < seats }) else { return nil }
        var members: [Validator] = []
        var (gone, changed) = (left[...], reweighted[...])
        for (position, member) in old.members.enumerated() {
            let seat = MemberIndex(UInt16(position))
            let weight = changed.first.flatMap { $0.seat == seat ? $0.weight : nil }
            if weight != nil { changed.removeFirst() }
            if gone.first == seat {
                guard weight == nil else { return nil }
                gone.removeFirst()
                continue
            }
            members.append(
                Validator(
                    key: member.key, node: member.node, randomnessKey: member.randomnessKey,
                    weight: weight ?? member.weight))
        }
        guard let committee = try? Committee(members + joined) else { return nil }
        // One change has one form, so that nobody can say the same thing in other bytes.
        return CommitteeChange(from: old, to: committee) == self ? committee : nil
    }
}

extension Validator {
    /// Apart from its weight.
    fileprivate func isSame(as other: Validator) -> Bool {
        key == other.key && node == other.node && randomnessKey == other.randomnessKey
    }
}

extension CommitteeChange: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        let members = ConsensusLimits.committeeMembers
        left = try reader.ascending(limit: members) { reader throws(DecodeError) in MemberIndex(try reader.u16()) }
        reweighted = try reader.list(limit: members) { reader throws(DecodeError) in
            Reweighting(seat: MemberIndex(try reader.u16()), weight: try reader.u64())
        }
        for (one, next) in zip(reweighted, reweighted.dropFirst()) where one.seat >= next.seat {
            throw .notCanonical("order of seats")
        }
        joined = try reader.list(limit: members)
        for (one, next) in zip(joined, joined.dropFirst()) where one.key >= next.key {
            throw .notCanonical("order of members")
        }
    }

    public func encode(into writer: inout ByteWriter) {
        writer.ascending(left) { $0.u16($1.number) }
        writer.list(reweighted) { writer, change in
            writer.u16(change.seat.number)
            writer.u64(change.weight)
        }
        writer.list(joined)
    }
}
