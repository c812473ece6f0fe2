public import CairnBase
public import CairnWire

/// The validators of one epoch, in the order of their vote keys, each with the bond it had when the list was fixed.
public struct Committee: Record {
    public struct Member: Sendable, Equatable {
        public let account: AccountID
        public let keys: ValidatorKeys
        public let weight: UInt64
    }

    public let members: [Member]

    public static let membersMax = 100

    init(members: [Member]) {
        self.members = members.sorted { $0.keys.vote < $1.keys.vote }
    }

    /// The candidates of greatest weight; of equal ones those with the smaller account.
    init(heaviest count: UInt64, of candidates: [Member]) {
        let ranked = candidates.sorted { left, right in
            left.weight != right.weight ? left.weight > right.weight : left.account < right.account
        }
        self.init(members: Array(ranked.prefix(Int(clamping: count))))
    }

    /// Where in the list a vote key stands.
    public func index(of vote: PublicKey) -> Int? {
        members.firstIndex { $0.keys.vote == vote }
    }
}

extension Committee: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        var members: [Member] = []
        for _ in 0..<(try reader.count(limit: Self.membersMax)) {
            let member = Member(
                account: try reader.identifier(), keys: try ValidatorKeys(from: &reader), weight: try reader.u64())
            if let last = members.last, last.keys.vote >= member.keys.vote { throw .notCanonical("committee order") }
            members.append(member)
        }
        self.members = members
    }

    public func encode(into writer: inout ByteWriter) {
        writer.count(members.count)
        for member in members {
            writer.identifier(member.account)
            member.keys.encode(into: &writer)
            writer.u64(member.weight)
        }
    }
}

/// Everyone who wants a seat, by account.
public struct CandidateList: Record {
    public private(set) var accounts: [AccountID]

    public static let accountsMax = 1024

    public init(_ accounts: [AccountID] = []) {
        self.accounts = accounts.sorted()
    }

    public var isFull: Bool { accounts.count >= Self.accountsMax }

    mutating func insert(_ account: AccountID) {
        let place = accounts.firstIndex { $0 >= account } ?? accounts.endIndex
        if place == accounts.endIndex || accounts[place] != account { accounts.insert(account, at: place) }
    }

    mutating func remove(_ account: AccountID) {
        accounts.removeAll { $0 == account }
    }
}

extension CandidateList: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        accounts = []
        for _ in 0..<(try reader.count(limit: Self.accountsMax)) {
            let account: AccountID = try reader.identifier()
            if let last = accounts.last, last >= account { throw .notCanonical("candidate order") }
            accounts.append(account)
        }
    }

    public func encode(into writer: inout ByteWriter) {
        writer.count(accounts.count)
        for account in accounts { writer.identifier(account) }
    }
}
