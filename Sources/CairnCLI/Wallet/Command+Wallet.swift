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

private enum WalletFlags {
    static let key = Flag.label("key", "The account key, by the name keys list shows; account unless told")
    static let fee = Flag.text(
        "fee", "TOKENS", "What the proposer of the block gets; the network's minimum unless told")
    static let nonce = Flag.integer("nonce", "N", in: 0...UInt64.max, "The account's next number, unless told")
    static let expiry = Flag.integer(
        "expiry", "BLOCKS", in: 1...1_000_000, "In how many blocks it may be committed; 100 unless told")
    static let wait = Flag.optionalSpan("wait", short: "w", preset: .seconds(30), "Wait until it is in a block")
}

extension Session {
    private var accountKeyName: String { invocation[WalletFlags.key] ?? KeyKind.account.rawValue }

    /// The account that an argument names, or else the one of this home's key.
    func wantedAccount() throws(Failure) -> AccountID {
        if let text = invocation.argument(0) { return try account(text) }
        let keys = KeyStorage(home: try NodeFinder(self).home(), settings: surroundings.keys)
        return AccountID(try keys.description(KeyKind.account.rawValue).publicKey)
    }

    /// The wallet's account, without opening its key.
    fileprivate func account() throws(Failure) -> KeyDescription {
        let key = try KeyStorage(self).description(accountKeyName)
        guard key.role == .account else {
            throw Failure(.wrongKind, "the key \(quoted(accountKeyName)) is a \(key.role) key, not an account's")
        }
        return key
    }

    fileprivate func accountIdentity() throws(Failure) -> AccountIdentity {
        let name = try account().name
        let storage = try KeyStorage(self)
        return AccountIdentity(seed: try storage.seed(of: storage.load(name), name, self))
    }

    fileprivate func amount(_ text: String, _ what: String) throws(Failure) -> Amount {
        guard let amount = Amount(tokens: text) else {
            throw Failure(
                .badValue, "\(quoted(text)) is no \(what): whole tokens with at most eight decimals, such as 12.5")
        }
        return amount
    }

    func account(_ text: String) throws(Failure) -> AccountID {
        do throws(DecodeError) {
            return try AccountID(text: text)
        } catch {
            throw Failure(.badValue, "\(quoted(text)) is no account: \(error)", do: Hint("cn1…", "is how one begins"))
        }
    }
}

extension Command {
    static let walletShow = Command(
        path: ["wallet", "show"],
        summary: "Show the account that this home's key owns",
        text: ["This is what others send tokens to. No passphrase and no running node are needed."],
        flags: [WalletFlags.key.declaration],
        examples: [
            Example("cairn wallet", "Shows the account of the usual home."),
            Example("cairn wallet show --key savings --json", "Shows that of another key, for a script."),
        ],
        exits: [.notFound, .locked, .damaged],
        run: { session throws(Failure) in
            let key = try session.account()
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
        flags: [WalletFlags.key.declaration],
        examples: [
            Example("cairn wallet balance", "Shows the tokens of the own account."),
            Example("cairn wallet balance cn1… --json", "Shows another's, with its nonce, for a script."),
        ],
        exits: [.failed, .unreachable, .notFound, .locked, .timedOut, .damaged],
        run: { session throws(Failure) in
            var wanted = session.invocation.argument(0)
            if wanted == nil { wanted = try session.account().id }
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
        flags: [
            WalletFlags.key.declaration, WalletFlags.fee.declaration, WalletFlags.nonce.declaration,
            WalletFlags.expiry.declaration, WalletFlags.wait.declaration, PassphraseSource.file.declaration,
        ],
        examples: [
            Example("cairn wallet send cn1… 12.5 --wait", "Sends 12.5 tokens and waits for the block."),
            Example("cairn wallet send cn1… 1 --fee 0.01 --wait=2m --json", "Pays more to be sooner, for a script."),
        ],
        exits: [.failed, .unreachable, .notFound, .refused, .locked, .timedOut, .damaged],
        run: { session throws(Failure) in
            let receiver = try session.account(session.invocation.argument(0) ?? "")
            let amount = try session.amount(session.invocation.argument(1) ?? "", "amount")
            var wishes = Payment.Wishes()
            if let fee = session.invocation[WalletFlags.fee] { wishes.fee = try session.amount(fee, "fee") }
            wishes.nonce = session.invocation[WalletFlags.nonce]
            wishes.blocksToLive = session.invocation[WalletFlags.expiry]
            let client = try NodeFinder(session).find()
            let payment = try Payment(amount, to: receiver, from: session.accountIdentity(), wishes, on: client)
            let state = try client.submit(payment.transaction.encoded)
            guard let patience = session.invocation[WalletFlags.wait] else {
                session.answer(payment.fields(state: state), "\(payment.id)  \(state)\n")
                return .ok
            }
            let report = try payment.waitForCommitment(on: client, for: patience, pause)
            let (outcome, height) = (report.outcome ?? "", report.height ?? 0)
            session.answer(
                payment.fields(state: report.state) + [
                    .init("height", JSON(height)), .init("outcome", .string(outcome)),
                ], "\(payment.id)  \(outcome) in block \(height)\n")
            return outcome == "applied" ? .ok : .refused
        })
}

extension Payment {
    fileprivate func fields(state: String) -> [JSON.Member] {
        [
            .init("id", .string("\(id)")), .init("state", .string(state)),
            .init("from", .string(transaction.sender.text)),
            .init("nonce", JSON(transaction.nonce)), .init("fee", .string("\(transaction.fee)")),
            .init("fee_units", JSON(transaction.fee.units)), .init("expiry", JSON(transaction.expiry.number)),
        ]
    }
}
