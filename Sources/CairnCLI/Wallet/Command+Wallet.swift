import CairnBase
import CairnCrypto
import CairnLedger
import CairnWire

/// The commands about the tokens of an account.
extension Noun {
    static let wallet = Noun(
        name: "wallet", summary: "See and send the tokens of an account",
        commands: [.walletShow, .walletBalance, .walletSend])
}

extension Command {
    static let walletShow = Command(
        path: ["wallet", "show"],
        summary: "Show the account that this home's key owns",
        text: ["This is what others send tokens to. No passphrase and no running node are needed."],
        flags: [ActionFlags.key.declaration],
        examples: [
            Example("cairn wallet", "Shows the account of the usual home."),
            Example("cairn wallet show --key savings --json", "Shows that of another key, for a script."),
        ],
        exits: [.notFound, .locked, .damaged],
        run: { session throws(Failure) in
            let key = try session.ownAccount()
            session.answer([.init("account", .string(key.id)), .init("key", .string(key.name))], key.id + "\n")
            return .ok
        })

    static let walletBalance = Command(
        path: ["wallet", "balance"],
        summary: "Show what an account owns, as a running node knows it",
        text: ["Without an account it is the one of this home's key."],
        arguments: [
            Argument(name: "ACCOUNT", summary: "Whose balance", value: .text("ACCOUNT"), isRequired: false)
        ],
        flags: [ActionFlags.key.declaration],
        examples: [
            Example("cairn wallet balance", "Shows the tokens of the own account."),
            Example("cairn wallet balance cn1… --json", "Shows another's, with its nonce, for a script."),
        ],
        exits: [.failed, .unreachable, .notFound, .locked, .timedOut, .damaged],
        run: { session throws(Failure) in
            var wanted = session.invocation.argument(0)
            if wanted == nil { wanted = try session.ownAccount().id }
            let report = try NodeFinder(session).find().account(try session.account(wanted ?? ""))
            let fields = (report.document.object ?? []).filter { $0.key != "schema" }
            session.answer(fields, "\(report.balance)\n")
            return .ok
        })

    static let walletSend = Command(
        path: ["wallet", "send"],
        summary: "Send tokens to another account",
        text: [
            "The transfer is signed here and handed to a running node. It is final once it is in a block, which --wait "
                + "waits for: then the exit code says whether it was carried out.",
            "Every transfer takes the account's next number. Sending one again under the same --nonce can therefore never "
                + "pay twice; with a higher --fee it takes the place of the one that waits.",
        ],
        arguments: [
            Argument(name: "ACCOUNT", summary: "Who gets the tokens", value: .text("ACCOUNT")),
            Argument(name: "TOKENS", summary: "How many, such as 12.5", value: .text("TOKENS")),
        ],
        flags: ActionFlags.all,
        examples: [
            Example("cairn wallet send cn1… 12.5 --wait", "Sends 12.5 tokens and waits for the block."),
            Example("cairn wallet send cn1… 1 --fee 0.01 --wait=2m --json", "Pays more to be sooner, for a script."),
        ],
        exits: ActionFlags.exits,
        run: { session throws(Failure) in
            let receiver = try session.account(session.invocation.argument(0) ?? "")
            let amount = try session.amountArgument(1)
            return try session.carryOut { sender, _ throws(Failure) in
                // The block would refuse it and keep the fee.
                let report = try NodeFinder(session).find().account(sender)
                guard report.units >= amount else {
                    throw Failure(
                        .transactionRefused, "the account owns \(report.balance) tokens, which is less than \(amount)",
                        do: Hint("cairn wallet balance", "shows what it owns"))
                }
                return .transfer(to: receiver, amount: amount)
            }
        })
}
