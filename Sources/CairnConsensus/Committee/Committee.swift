public import CairnBase
public import CairnWire

/// The validators of one epoch, sorted by key, with their weights.
///
/// A committee that exists is sound: it has members, no weight is zero, no key stands twice, and the total fits 64
/// bits. Everything that counts weight relies on that instead of checking it again.
public struct Committee: Sendable, Hashable {
    public let members: [Validator]
    public let totalWeight: UInt64
    /// `cumulative[i]` is the weight of the members before and including `i`.
    let cumulative: [UInt64]

    public init(_ members: [Validator]) throws(CommitteeError) {
        guard !members.isEmpty else { throw .empty }
        guard members.count <= ConsensusLimits.committeeMembers else {
            throw .tooMany(members.count, limit: ConsensusLimits.committeeMembers)
        }
        let sorted = members.sorted { $0.key < $1.key }
        var cumulative: [UInt64] = []
        cumulative.reserveCapacity(sorted.count)
        var total: UInt64 = 0
        for (position, member) in sorted.enumerated() {
            guard member.weight > 0 else { throw .zeroWeight(member.key) }
            if position > 0, sorted[position - 1].key == member.key { throw .duplicateKey(member.key) }
            let (sum, overflow) = total.addingReportingOverflow(member.weight)
            guard !overflow else { throw .weightOverflow }
            total = sum
            cumulative.append(sum)
        }
        self.members = sorted
        self.cumulative = cumulative
        totalWeight = total
    }

    public var count: Int { members.count }

    public subscript(index: MemberIndex) -> Validator? {
        Int(index.number) < members.count ? members[Int(index.number)] : nil
    }

    public func index(of key: PublicKey) -> MemberIndex? {
        var low = 0
        var high = members.count
        while low < high {
            let middle = (low + high) / 2
            if members[middle].key < key { low = middle + 1 } else { high = middle }
        }
        guard low < members.count, members[low].key == key else { return nil }
        return MemberIndex(UInt16(low))
    }

    /// The first seat that a node holds.
    public func index(of node: NodeID) -> MemberIndex? {
        members.firstIndex { $0.node == node }.map { MemberIndex(UInt16($0)) }
    }

    public func weight(of index: MemberIndex) -> UInt64 { self[index]?.weight ?? 0 }

    public func isQuorum(_ weight: UInt64) -> Bool { Quorum.isReached(weight, of: totalWeight) }
    public func isThird(_ weight: UInt64) -> Bool { Quorum.isThird(weight, of: totalWeight) }

    /// What a header of the epoch before commits to.
    public func hash(using hash: some HashFunction) -> Digest { digest(DomainTag("cn/committee"), using: hash) }
}

/// A seat's position in its committee, sorted by key.
public struct MemberIndex: Sendable, Hashable, Comparable {
    public let number: UInt16
    public init(_ number: UInt16) { self.number = number }
    public static func < (left: Self, right: Self) -> Bool { left.number < right.number }
}

/// Why a list of validators is no committee.
public enum CommitteeError: Error, Equatable, Sendable {
    case empty
    case tooMany(Int, limit: Int)
    case zeroWeight(PublicKey)
    case duplicateKey(PublicKey)
    case weightOverflow
}

extension Committee: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        let count = try reader.count(limit: ConsensusLimits.committeeMembers)
        var members: [Validator] = []
        for _ in 0..<count {
            let member = try Validator(from: &reader)
            if let last = members.last, last.key >= member.key { throw .notCanonical("committee order") }
            members.append(member)
        }
        do {
            try self.init(members)
        } catch {
            throw .invalid("committee")
        }
    }

    public func encode(into writer: inout ByteWriter) {
        writer.count(members.count)
        for member in members { member.encode(into: &writer) }
    }
}
