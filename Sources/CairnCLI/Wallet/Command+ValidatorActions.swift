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
}
