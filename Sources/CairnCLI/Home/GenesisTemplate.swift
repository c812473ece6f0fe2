import CairnBase
import CairnLedger
import CairnWire

/// A genesis file with every value explained, for a founder to change.
struct GenesisTemplate {
    let network: String
    let symbol: String
    let profile: Parameter.Profile
    /// None: places to fill in, which a check refuses.
    let founders: [Genesis.FoundingValidator]
    let time: UInt64

    private static let comment = "//"

    var json: JSON {
        .object([
            .init(
                Self.comment,
                Self.lines([
                    "The file a network begins with. Its hash is the chain id: everybody needs the same file, to the value.",
                    "Members called // are comments; they are not part of the hash.",
                    "Amounts are tokens as text, with at most eight decimals. All together are \(Amount.cap), for ever;",
                    "what no account, bond or treasury holds is the reserve, from which rewards are emitted.",
                ])),
            .init("network", .string(network)), .init("symbol", .string(symbol)),
            .init("time", JSON(time)), .init("profile", .string(profile.rawValue)),
            .init("parameters", parameters), .init("treasury", "1000000"), .init("accounts", accounts),
            .init("validators", .array(founders.isEmpty ? [Self.place] : founders.map(Self.member))),
            .init("anchors", .array([])),
        ])
    }

    /// Those that networks differ in most are set; of all others the comment says what they are.
    private var parameters: JSON {
        let set: [Parameter] = [.epochBlocks, .epochsPerPeriod, .blockPace, .feeMin, .candidateBondMin]
        let base = Parameters(profile)
        let others = Parameter.allCases.filter { !set.contains($0) }.map { parameter in
            "\(parameter.name): \(base[parameter]), from \(parameter.rule.bounds.lowerBound) to "
                + "\(parameter.rule.bounds.upperBound)" + (parameter.rule.isVotable ? "" : ", for ever")
        }
        let own = set.map { JSON.Member($0.name, JSON(base[$0])) }
        return .object(
            [.init(Self.comment, Self.lines(["These can be set too, and changed by votes later:"] + others))] + own)
    }

    private var accounts: JSON {
        .array(founders.map { ["account": .string($0.account.text), "balance": "1000"] })
    }

    private static func member(_ founder: Genesis.FoundingValidator) -> JSON {
        [
            "account": .string(founder.account.text), "node": .string(founder.keys.node.peerID),
            "voteKey": .string(founder.keys.vote.description),
            "randomnessKey": .string(founder.keys.randomness.description),
            "bond": .string(founder.bond.description),
        ]
    }

    private static let place: JSON = [
        "//": "Each founder fills in its own: cairn net genesis new --founder HOME prints them.", "account": "cn1…",
        "node": "12D3KooW…", "voteKey": "…", "randomnessKey": "…", "bond": "100000",
    ]

    private static func lines(_ lines: [String]) -> JSON { .array(lines.map { .string($0) }) }
}
