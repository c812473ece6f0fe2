import CairnBase
public import CairnWire

/// The services of a network in its file. What an entry does not say is as in the template; a file without entries has
/// all four services as they are there.
extension Genesis {
    static func profiles(_ root: Fields) throws(GenesisError) -> [ProfileRules] {
        let network = try network(root)
        guard root.has("profiles") else { return ProfileRules.templates(network) }
        return try root.list("profiles") { entry, path throws(GenesisError) in
            try rules(Fields(entry, at: path, allowed: ProfileRules.members), network)
        }
    }

    private static func rules(
        _ fields: Fields, _ network: Parameter.Profile
    ) throws(GenesisError) -> ProfileRules {
        guard let profile = Profile(name: try fields.string("profile")) else {
            throw GenesisError(.invalidText("profile"), at: fields.path + ".profile")
        }
        let template = ProfileRules.template(profile, network)
        func text(_ name: String, _ value: String) throws(GenesisError) -> String {
            guard fields.has(name) else { return value }
            let text = try fields.string(name)
            guard (1...ProfileRules.textMax).contains(text.utf8.count) else {
                throw GenesisError(.invalidText("text"), at: "\(fields.path).\(name)")
            }
            return text
        }
        func part(_ name: String, _ value: UInt64) throws(GenesisError) -> UInt64 {
            guard fields.has(name) else { return value }
            let parts = try fields.integer(name)
            guard parts <= .millionPPM else {
                throw GenesisError(.outOfBounds(0 ... .millionPPM), at: "\(fields.path).\(name)")
            }
            return parts
        }
        let rate =
            fields.has("challengesPerThousandEpochs")
            ? try fields.integer("challengesPerThousandEpochs") : UInt64(template.challengesPerThousandEpochs)
        return ProfileRules(
            profile: profile, schema: try text("schema", template.schema), challenge: template.challenge,
            challengesPerThousandEpochs: UInt32(clamping: rate), verifier: try text("verifier", template.verifier),
            thresholds: try thresholds(fields, template.thresholds), meter: try text("meter", template.meter),
            bonding: fields.has("bonding") ? try fields.word("bonding", "bonding") : template.bonding,
            bondMin: fields.has("bondMin") ? try fields.amount("bondMin") : template.bondMin,
            crowding: fields.has("crowding") ? try fields.word("crowding", "crowding") : template.crowding,
            subsidy: fields.has("subsidy") ? try fields.word("subsidy", "subsidy") : template.subsidy,
            sharePPM: try part("sharePPM", template.sharePPM), witnessPPM: try part("witnessPPM", template.witnessPPM))
    }

    /// Only names that the template has: a verifier reads no others.
    private static func thresholds(
        _ fields: Fields, _ template: [ProfileRules.Threshold]
    ) throws(GenesisError) -> [ProfileRules.Threshold] {
        guard fields.has("thresholds") else { return template }
        let own = try Fields(
            try fields.value("thresholds"), at: fields.path + ".thresholds", allowed: template.map(\.name))
        return try template.map { threshold throws(GenesisError) in
            own.has(threshold.name)
                ? ProfileRules.Threshold(threshold.name, try own.integer(threshold.name)) : threshold
        }
    }
}

extension ProfileRules {
    static let members = [
        "profile", "schema", "challengesPerThousandEpochs", "verifier", "thresholds", "meter", "bonding", "bondMin",
        "crowding", "subsidy", "sharePPM", "witnessPPM",
    ]

    /// The entry of a genesis file. Reading it gives these rules.
    public var json: JSON {
        .object([
            .init("profile", .string(profile.name)), .init("schema", .string(schema)),
            .init("challengesPerThousandEpochs", .number(Int128(challengesPerThousandEpochs))),
            .init("verifier", .string(verifier)),
            .init("thresholds", .object(thresholds.map { .init($0.name, .number(Int128($0.value))) })),
            .init("meter", .string(meter)), .init("bonding", .string("\(bonding)")),
            .init("bondMin", .string(bondMin.description)), .init("crowding", .string("\(crowding)")),
            .init("subsidy", .string("\(subsidy)")), .init("sharePPM", .number(Int128(sharePPM))),
            .init("witnessPPM", .number(Int128(witnessPPM))),
        ])
    }
}
