import CairnBase
import CairnCrypto
import CairnLedger
import CairnWire

/// What every command takes that has an account of this home do something on the chain.
enum ActionFlags {
    static let key = Flag.label("key", "The account key, by the name keys list shows; account unless told")
    static let fee = Flag.text(
        "fee", "TOKENS", "What the proposer of the block gets; the network's minimum unless told")
    static let nonce = Flag.integer("nonce", "N", in: 0...UInt64.max, "The account's next number, unless told")
    static let expiry = Flag.integer(
        "expiry", "BLOCKS", in: 1...1_000_000, "In how many blocks it may be committed; 100 unless told")
    static let wait = Flag.optionalSpan("wait", short: "w", preset: .seconds(30), "Wait until it is in a block")

    static let all = [
        key.declaration, fee.declaration, nonce.declaration, expiry.declaration, wait.declaration,
        PassphraseSource.file.declaration,
    ]
    static let exits: [ExitCode] = [
        .failed, .unreachable, .notFound, .refused, .locked, .timedOut, .damaged,
    ]
}

extension Session {
    private var accountKeyName: String { invocation[ActionFlags.key] ?? KeyKind.account.rawValue }

    /// The account of this home, without opening its key.
    func ownAccount() throws(Failure) -> KeyDescription {
        let key = try KeyStorage(self).description(accountKeyName)
        guard key.role == .account else {
            throw Failure(.wrongKind, "the key \(quoted(accountKeyName)) is a \(key.role) key, not an account's")
        }
        return key
    }

    /// The account that an argument names, or else the one of the home that a command means.
    func wantedAccount() throws(Failure) -> AccountID {
        if let text = invocation.argument(0) { return try account(text) }
        let keys = KeyStorage(home: try NodeFinder(self).home(), settings: surroundings.keys)
        return AccountID(try keys.description(KeyKind.account.rawValue).publicKey)
    }

    func account(_ text: String) throws(Failure) -> AccountID {
        do throws(DecodeError) {
            return try AccountID(text: text)
        } catch {
            throw Failure(.badValue, "\(quoted(text)) is no account: \(error)", do: Hint("cn1…", "is how one begins"))
        }
    }

    func amount(_ text: String, _ what: String) throws(Failure) -> Amount {
        guard let amount = Amount(tokens: text) else {
            throw Failure(
                .badValue, "\(quoted(text)) is no \(what): whole tokens with at most eight decimals, such as 12.5")
        }
        return amount
    }

    /// The amount in the argument at a position.
    func amountArgument(_ index: Int) throws(Failure) -> Amount {
        try amount(invocation.argument(index) ?? "", "amount")
    }

    /// Signs what an account of this home wants, hands it to a running node, and with --wait says what came of it.
    func carryOut(
        _ make: (_ account: AccountID, _ chain: ChainID) throws(Failure) -> Action
    ) throws(Failure) -> ExitCode {
        var wishes = SignedAction.Wishes()
        if let fee = invocation[ActionFlags.fee] { wishes.fee = try amount(fee, "fee") }
        wishes.nonce = invocation[ActionFlags.nonce]
        wishes.blocksToLive = invocation[ActionFlags.expiry]
        let client = try NodeFinder(self).find()
        let chain = try client.chain()
        let own = try ownAccount()
        let action = try make(AccountID(own.publicKey), chain)
        let storage = try KeyStorage(self)
        let identity = AccountIdentity(seed: try storage.seed(of: storage.load(own.name), own.name, self))
        let signed = try SignedAction(action, by: identity, on: chain, wishes, through: client)
        let state = try client.submit(signed.transaction.encoded)
        guard let patience = invocation[ActionFlags.wait] else {
            answer(signed.fields(state: state), "\(signed.id)  \(state)\n")
            return .ok
        }
        let report = try signed.waitForCommitment(on: client, for: patience, pause)
        let (outcome, height) = (report.outcome ?? "", report.height ?? 0)
        let meaning = Outcome.allCases.first { "\($0)" == outcome && $0 != .applied }.map { ": \($0.meaning)" } ?? ""
        answer(
            signed.fields(state: report.state) + [
                .init("height", JSON(height)), .init("outcome", .string(outcome)),
            ], "\(signed.id)  \(outcome) in block \(height)\(meaning)\n")
        return outcome == "applied" ? .ok : .refused
    }
}
