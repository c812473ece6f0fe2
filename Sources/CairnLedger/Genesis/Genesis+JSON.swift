import CairnBase
public import CairnWire

/// The file a network begins with, for people. What counts are the canonical bytes made from it.
///
/// Every key must be known and every value of its type; amounts are in tokens, keys in their usual text. An error names
/// the path of what is wrong.
extension Genesis {
    public static let jsonLimits = JSONReader.Limits(bytes: byteCountMax, depth: 8, nodes: 2_000_000, stringBytes: 256)

    public init(json: JSON) throws(GenesisError) {
        let root = try Fields(
            json, at: "$",
            allowed: [
                "network", "symbol", "time", "profile", "parameters", "profiles", "treasury", "accounts", "validators",
                "anchors",
            ])
        let parameters = try Self.parameters(root)
        try self.init(
            network: try root.string("network"), symbol: try root.string("symbol"), time: try root.integer("time"),
            parameters: parameters, profiles: try Self.profiles(root),
            treasury: root.has("treasury") ? try root.amount("treasury") : .zero,
            accounts: try root.list("accounts") { entry, path throws(GenesisError) in
                let fields = try Fields(entry, at: path, allowed: ["account", "balance"])
                return Allocation(account: try fields.account("account"), balance: try fields.amount("balance"))
            },
            validators: try root.list("validators") { entry, path throws(GenesisError) in
                let fields = try Fields(
                    entry, at: path, allowed: ["account", "node", "voteKey", "randomnessKey", "bond"])
                return FoundingValidator(
                    account: try fields.account("account"),
                    keys: ValidatorKeys(
                        node: try fields.node("node"), vote: PublicKey(try fields.key("voteKey")),
                        randomness: VRFPublicKey(try fields.key("randomnessKey"))),
                    bond: try fields.amount("bond"))
            },
            anchors: try root.list("anchors", isOptional: true) { entry, path throws(GenesisError) in
                let fields = try Fields(entry, at: path, allowed: ["controller", "sequence"])
                return Anchor(controller: try fields.account("controller"), sequence: try fields.integer("sequence"))
            })
    }

    /// Which values what is not said starts from.
    static func network(_ root: Fields) throws(GenesisError) -> Parameter.Profile {
        guard let profile = Parameter.Profile(rawValue: try root.string("profile")) else {
            throw GenesisError(.invalidText("profile"), at: "$.profile")
        }
        return profile
    }

    private static func parameters(_ root: Fields) throws(GenesisError) -> Parameters {
        var parameters = Parameters(try network(root))
        guard root.has("parameters") else { return parameters }
        let fields = try Fields(
            try root.value("parameters"), at: "$.parameters", allowed: Parameter.allCases.map(\.name))
        for parameter in Parameter.allCases where fields.has(parameter.name) {
            guard parameters.set(parameter, to: try fields.integer(parameter.name)) else {
                throw GenesisError(.outOfBounds(parameter.rule.bounds), at: "$.parameters.\(parameter.name)")
            }
        }
        return parameters
    }

    /// The file again. Reading it gives this genesis.
    public var json: JSON {
        .object([
            .init("network", .string(network)), .init("symbol", .string(symbol)), .init("time", .number(Int128(time))),
            // Every parameter is written out, so the profile they started from no longer matters.
            .init("profile", .string(Parameter.Profile.main.rawValue)),
            .init(
                "parameters", .object(Parameter.allCases.map { .init($0.name, .number(Int128(parameters[$0]))) })),
            .init("profiles", .array(profiles.map(\.json))),
            .init("treasury", .string(treasury.description)),
            .init("accounts", .array(accounts.map(\.json))),
            .init("validators", .array(validators.map(\.json))),
            .init("anchors", .array(anchors.map(\.json))),
        ])
    }
}

extension Genesis.Allocation {
    fileprivate var json: JSON {
        .object([.init("account", .string(account.text)), .init("balance", .string(balance.description))])
    }
}

extension Genesis.FoundingValidator {
    fileprivate var json: JSON {
        .object([
            .init("account", .string(account.text)),
            .init("node", .string(keys.node.peerID)),
            .init("voteKey", .string(keys.vote.description)),
            .init("randomnessKey", .string(keys.randomness.description)),
            .init("bond", .string(bond.description)),
        ])
    }
}

extension Genesis.Anchor {
    fileprivate var json: JSON {
        .object([.init("controller", .string(controller.text)), .init("sequence", .number(Int128(sequence)))])
    }
}
