import CairnBase
import CairnLedger
import CairnWire

extension Command {
    private static let signing =
        "It is signed here by the home's account and handed to a running node; --wait says what came of it."

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
