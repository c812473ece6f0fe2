public import CairnBase
import CairnWire

/// How a network begins. Its canonical bytes name the chain, so every word of it is fixed for ever.
///
/// What no account and no bond holds lies in the reserve, so that all tokens together are the cap from the first block.
public struct Genesis: Sendable, Equatable {
    public struct Allocation: Sendable, Equatable {
        public let account: AccountID
        public let balance: Amount

        public init(account: AccountID, balance: Amount) {
            self.account = account
            self.balance = balance
        }
    }

    public struct FoundingValidator: Sendable, Equatable {
        public let account: AccountID
        public let keys: ValidatorKeys
        public let bond: Amount

        public init(account: AccountID, keys: ValidatorKeys, bond: Amount) {
            self.account = account
            self.keys = keys
            self.bond = bond
        }
    }

    /// A resource trusted from the start: the one its controller registers under this sequence number.
    public struct Anchor: Sendable, Hashable {
        public let controller: AccountID
        public let sequence: UInt64

        public init(controller: AccountID, sequence: UInt64) {
            self.controller = controller
            self.sequence = sequence
        }
    }

    /// Lower-case letters, digits and hyphens.
    public let network: String
    /// What the token is called, in capitals.
    public let symbol: String
    /// Milliseconds since 1970.
    public let time: UInt64
    public let parameters: Parameters
    /// What each service is here, in the order of their numbers.
    public let profiles: [ProfileRules]
    public let treasury: Amount
    /// In the order of their ids.
    public let accounts: [Allocation]
    /// In the order of their accounts.
    public let validators: [FoundingValidator]
    public let anchors: [Anchor]

    public static let byteCountMax = 16 << 20
    public static let nameLengthMax = 32
    public static let symbolLengthMax = 8
    static let accountsMax = 100_000
    static let anchorsMax = 1000

    /// Checks everything, then puts the lists into order; the first thing wrong is reported where it was given.
    public init(
        network: String, symbol: String, time: UInt64, parameters: Parameters,
        profiles: [ProfileRules] = ProfileRules.templates(.testnet), treasury: Amount = .zero, accounts: [Allocation],
        validators: [FoundingValidator], anchors: [Anchor] = []
    ) throws(GenesisError) {
        self.network = network
        self.symbol = symbol
        self.time = time
        self.parameters = parameters
        self.profiles = profiles.sorted { $0.profile.rawValue < $1.profile.rawValue }
        self.treasury = treasury
        self.accounts = accounts.sorted { $0.account < $1.account }
        self.validators = validators.sorted { $0.account < $1.account }
        self.anchors = anchors.sorted { ($0.controller, $0.sequence) < ($1.controller, $1.sequence) }
        try checkNames()
        try checkProfiles(profiles)
        try Self.check(accounts, limit: Self.accountsMax, of: "accounts", distinct: [("account", { $0.account.raw })])
        try Self.check(anchors, limit: Self.anchorsMax, of: "anchors", distinct: [("", { $0 })])
        try checkValidators(validators)
        guard let allocated, allocated <= .cap else { throw GenesisError(.aboveCap, at: "$.accounts") }
    }

    public func chain(using hash: some HashFunction) -> ChainID {
        ChainID(hash.digest(Tags.chain, encoded).raw)
    }

    /// What is left for emission.
    public var reserve: Amount { Amount.cap.reduced(by: allocated ?? .cap) }

    var allocated: Amount? {
        ([treasury] + accounts.map(\.balance) + validators.map(\.bond)).total()
    }
}

/// What is wrong with a genesis, and where.
public struct GenesisError: Error, Equatable, Sendable {
    public enum Reason: Equatable, Sendable {
        case name
        case symbol
        case duplicate
        case tooMany(limit: Int)
        case none
        case bondBelowMinimum(Amount)
        case zeroAmount
        case aboveCap
        /// A profile names a verifier that this program does not have.
        case unknownVerifier
        /// Names, thresholds or a challenge that are not the profile's.
        case foreignRules
        /// Less than a third of the seats.
        case quorum
        /// More than the whole is given away.
        case shares
        case unknownKey
        case missing
        case wrongType(StaticString)
        case outOfBounds(ClosedRange<UInt64>)
        case invalidText(StaticString)

        public static func == (left: Reason, right: Reason) -> Bool { "\(left)" == "\(right)" }
    }

    public let reason: Reason
    /// `$.validators[3].bond`.
    public let path: String

    init(_ reason: Reason, at path: String) {
        self.reason = reason
        self.path = path
    }
}

extension Genesis {
    private func checkNames() throws(GenesisError) {
        guard (1...Self.nameLengthMax).contains(network.utf8.count), network.utf8.allSatisfy(isNameByte) else {
            throw GenesisError(.name, at: "$.network")
        }
        let capitals = UInt8(ascii: "A")...UInt8(ascii: "Z")
        guard (1...Self.symbolLengthMax).contains(symbol.utf8.count), symbol.utf8.allSatisfy(capitals.contains) else {
            throw GenesisError(.symbol, at: "$.symbol")
        }
    }

    private func checkProfiles(_ profiles: [ProfileRules]) throws(GenesisError) {
        try Self.check(
            profiles, limit: Profile.allCases.count, of: "profiles", distinct: [("profile", { $0.profile.rawValue })])
        for (index, rules) in profiles.enumerated() {
            let path = "$.profiles[\(index)]"
            guard Verifiers.standard.has(rules.verifier) else {
                throw GenesisError(.unknownVerifier, at: path + ".verifier")
            }
            let template = ProfileRules.template(rules.profile, .main)
            let names = [rules.schema, rules.verifier, rules.meter]
            guard rules.challenge == template.challenge,
                rules.thresholds.map(\.name) == template.thresholds.map(\.name),
                names.allSatisfy({ (1...ProfileRules.textMax).contains($0.utf8.count) })
            else { throw GenesisError(.foreignRules, at: path) }
            guard rules.window.first <= rules.window.last, rules.window.last <= ProfileRules.windowMax else {
                throw GenesisError(.outOfBounds(0...ProfileRules.windowMax), at: path + ".thresholds.windowLast")
            }
            let levels = 0...UInt64(Cell.deepestLevel)
            guard levels.contains(rules["cellLevel"]) else {
                throw GenesisError(.outOfBounds(levels), at: path + ".thresholds.cellLevel")
            }
            // Both come from outside, so a third of the seats, rounded up, and not three quorums.
            let (third, rest) = rules["seats"].quotientAndRemainder(dividingBy: 3)
            guard rules["quorum"] >= third + min(rest, 1) else {
                throw GenesisError(.quorum, at: path + ".thresholds.quorum")
            }
            guard (1...1_000_000).contains(rules.challengesPerThousandEpochs) else {
                throw GenesisError(.outOfBounds(1...1_000_000), at: path + ".challengesPerThousandEpochs")
            }
        }
        guard profiles.reduce(0, { $0 + $1.sharePPM }) <= .millionPPM else {
            throw GenesisError(.shares, at: "$.profiles")
        }
        guard parameters[.validatorsPPM] + parameters[.treasuryPPM] <= .millionPPM else {
            throw GenesisError(.shares, at: "$.parameters.treasuryPPM")
        }
    }

    private func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): true
        default: false
        }
    }

    private func checkValidators(_ validators: [FoundingValidator]) throws(GenesisError) {
        guard !validators.isEmpty else { throw GenesisError(.none, at: "$.validators") }
        try Self.check(
            validators, limit: CandidateList.accountsMax, of: "validators",
            distinct: [
                ("account", { $0.account.raw }), ("voteKey", { $0.keys.vote.raw }), ("node", { $0.keys.node.raw }),
            ])
        let least = parameters.amount(.candidateBondMin)
        for (index, validator) in validators.enumerated() where validator.bond < least {
            throw GenesisError(.bondBelowMinimum(least), at: "$.validators[\(index)].bond")
        }
    }

    /// Refuses a list that is too long or has two entries with one value of a field.
    private static func check<Entry, Field: Hashable>(
        _ entries: [Entry], limit: Int, of list: String, distinct fields: [(name: String, value: (Entry) -> Field)]
    ) throws(GenesisError) {
        guard entries.count <= limit else { throw GenesisError(.tooMany(limit: limit), at: "$.\(list)") }
        for field in fields {
            // ORDER: only asked for membership.
            var seen: Set<Field> = []
            for (index, entry) in entries.enumerated() where !seen.insert(field.value(entry)).inserted {
                let path = "$.\(list)[\(index)]"
                throw GenesisError(.duplicate, at: field.name.isEmpty ? path : path + "." + field.name)
            }
        }
    }
}
