import CairnBase
import CairnCrypto
import CairnLedger
import CairnWire

extension Command {
    private static let tokens = Argument(name: "TOKENS", summary: "How many, such as 12.5", value: .text("TOKENS"))
    private static let signing =
        "It is signed here by the home's account and handed to a running node; --wait says what came of it."

    static let validatorBond = Command(
        path: ["validator", "bond"],
        summary: "Put tokens at risk behind this account's validator",
        text: [
            "The heaviest bonds sit in committees, and votes count by them. What is bonded can be slashed if the validator "
                + "votes twice. \(signing)"
        ],
        arguments: [tokens], flags: ActionFlags.all,
        examples: [
            Example("cairn validator bond 100 --wait", "Bonds 100 tokens."),
            Example("cairn validator bond 100 --key savings --json", "Of another account, for a script."),
        ],
        exits: ActionFlags.exits,
        run: { session throws(Failure) in
            let amount = try session.amountArgument(0)
            return try session.carryOut { _, _ throws(Failure) in .bond(amount) }
        })

    static let validatorUnbond = Command(
        path: ["validator", "unbond"],
        summary: "Begin to take bonded tokens back",
        text: [
            "They stay at risk for unbondingPeriods after their last committee, then validator withdraw collects them. A "
                + "candidate keeps at least candidateBondMin. \(signing)"
        ],
        arguments: [tokens], flags: ActionFlags.all,
        examples: [
            Example("cairn validator unbond 50 --wait", "Begins with 50 tokens."),
            Example("cairn validator unbond 0.5 --json", "For a script."),
        ],
        exits: ActionFlags.exits,
        run: { session throws(Failure) in
            let amount = try session.amountArgument(0)
            return try session.carryOut { _, _ throws(Failure) in .unbond(amount) }
        })

    static let validatorWithdraw = Command(
        path: ["validator", "withdraw"],
        summary: "Collect what is no longer at risk",
        text: ["cairn chain account shows from which block on each amount is free. \(signing)"],
        flags: ActionFlags.all,
        examples: [
            Example("cairn validator withdraw --wait", "Collects what is free."),
            Example("cairn validator withdraw --json", "For a script."),
        ],
        exits: ActionFlags.exits,
        run: { session throws(Failure) in try session.carryOut { _, _ throws(Failure) in .withdraw } })

    static let validatorApply = Command(
        path: ["validator", "apply"],
        summary: "Become a candidate for committees, with the keys of this home",
        text: [
            "The account needs candidateBondMin bonded. The home's validator key and node key sign that they are its own; the "
                + "vote key belongs to this account for ever. The first committee it can sit in is two epochs later. \(signing)"
        ],
        flags: ActionFlags.all,
        examples: [
            Example("cairn validator apply --wait", "Applies and waits for the block."),
            Example("cairn --home n5 validator apply --json", "With the keys of the home n5, for a script."),
        ],
        exits: ActionFlags.exits,
        run: { session throws(Failure) in
            try session.carryOut { account, chain throws(Failure) in
                let storage = try KeyStorage(session)
                let (voteName, nodeName) = (KeyKind.validator.rawValue, KeyKind.node.rawValue)
                let vote = ValidatorIdentity(seed: try storage.seed(of: storage.load(voteName), voteName, session))
                let node = NodeIdentity(seed: try storage.seed(of: storage.load(nodeName), nodeName, session))
                let keys = ValidatorKeys(node: node.id, vote: vote.key.publicKey, randomness: vote.vrf.publicKey)
                let body = Candidacy.body(keys, of: account)
                return .apply(
                    Candidacy(
                        keys: keys, voteProof: vote.key.sign(body, tag: Candidacy.domain, chain: chain),
                        nodeProof: node.key.sign(body, tag: Candidacy.domain, chain: chain)))
            }
        })

    static let validatorResign = Command(
        path: ["validator", "resign"],
        summary: "Leave the list of candidates",
        text: [
            "Committees that are fixed already are still to be served. The bond stays until it is unbonded. \(signing)"
        ],
        flags: ActionFlags.all,
        examples: [
            Example("cairn validator resign --wait", "Leaves the list."),
            Example("cairn validator resign --json", "For a script."),
        ],
        exits: ActionFlags.exits,
        run: { session throws(Failure) in try session.carryOut { _, _ throws(Failure) in .resign } })

    static let governmentPropose = Command(
        path: ["gov", "propose"],
        summary: "Propose a change of a parameter, a service's share or the rules",
        text: [
            "CHANGE is a parameter of cairn params, share:SERVICE, or rules; VALUE its new value: a number as params shows it, "
                + "parts per million, or VERSION@HEIGHT. proposalDeposit is taken; it comes back if enough of the stake votes. "
                + signing
        ],
        arguments: [
            Argument(name: "CHANGE", summary: "What is to change", value: .text("CHANGE")),
            Argument(name: "VALUE", summary: "What it is to be", value: .text("VALUE")),
        ],
        flags: ActionFlags.all,
        examples: [
            Example("cairn gov propose feeMin 2000 --wait", "Proposes a higher fee."),
            Example("cairn gov propose share:storage.hot 200000 --json", "A fifth for hot storage, for a script."),
        ],
        exits: ActionFlags.exits,
        run: { session throws(Failure) in
            let change = try ProposedChange(
                name: session.invocation.argument(0) ?? "", value: session.invocation.argument(1) ?? "")
            return try session.carryOut { _, _ throws(Failure) in .propose(change) }
        })

    static let governmentVote = Command(
        path: ["gov", "vote"],
        summary: "Vote on a proposal",
        text: ["The vote weighs what was bonded when the proposal's period began; each account has one. \(signing)"],
        arguments: [
            Argument(name: "NUMBER", summary: "The proposal", value: .integer("NUMBER", 0...UInt64(UInt32.max))),
            Argument(name: "VOTE", summary: "yes or no", value: .choice(["yes", "no"])),
        ],
        flags: ActionFlags.all,
        examples: [
            Example("cairn gov vote 0 yes --wait", "Votes for proposal 0."),
            Example("cairn gov vote 3 no --json", "Votes against proposal 3, for a script."),
        ],
        exits: ActionFlags.exits,
        run: { session throws(Failure) in
            let number = UInt32(clamping: UInt64(session.invocation.argument(0) ?? "") ?? 0)
            let isYes = session.invocation.argument(1) == "yes"
            return try session.carryOut { _, _ throws(Failure) in .vote(on: number, isYes: isYes) }
        })
}

extension ProposedChange {
    /// From the two words of a command line.
    init(name: String, value: String) throws(Failure) {
        if name == "rules" {
            let parts = value.split(separator: "@")
            guard parts.count == 2, let version = UInt32(parts[0]), let height = UInt64(parts[1]) else {
                throw Failure(.badValue, "\(quoted(value)) is not VERSION@HEIGHT")
            }
            self = .version(version, from: Height(height))
            return
        }
        guard let number = UInt64(value) else { throw Failure(.badValue, "\(quoted(value)) is no whole number") }
        if name.hasPrefix("share:") {
            guard let profile = Profile(name: String(name.dropFirst("share:".count))) else {
                throw Failure(
                    .badValue, "\(quoted(name)) names no service",
                    found: Profile.allCases.map { Hint("share:\($0.name)") })
            }
            self = .share(of: profile, ppm: number)
            return
        }
        let names = Parameter.allCases.map(\.name)
        guard let parameter = Parameter.allCases.first(where: { $0.name == name }) else {
            throw Failure(
                .badValue, "there is no parameter \(quoted(name))",
                do: nearest(to: name, in: names).map { Hint($0, "is the nearest one") }
                    ?? Hint("cairn params", "lists them"))
        }
        self = .parameter(parameter, to: number)
    }
}
