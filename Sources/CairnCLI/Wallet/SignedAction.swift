import CairnBase
import CairnCrypto
import CairnLedger
import CairnWire

/// Something an account wants done on the chain, from its signing to its commitment.
struct SignedAction: Sendable {
    let transaction: Transaction
    let id: Digest
    /// The newest height when it was made: it can be in no block before.
    let madeAt: UInt64

    /// How many blocks it has to be committed in, unless told otherwise.
    static let blocksToLive: UInt64 = 100

    /// What the sender chose; the rest follows from the state of its account.
    struct Wishes: Sendable {
        var fee: Amount?
        var nonce: UInt64?
        var blocksToLive: UInt64?
    }

    init(
        _ action: Action, by sender: borrowing AccountIdentity, on chain: ChainID, _ wishes: Wishes,
        through client: NodeClient
    ) throws(Failure) {
        let account = try client.account(sender.id)
        let body = Transaction.Body(
            chain: chain, sender: sender.id, nonce: wishes.nonce ?? account.nextNonce,
            fee: wishes.fee ?? account.feeMin,
            expiry: Height(account.height).advanced(by: wishes.blocksToLive ?? Self.blocksToLive), action: action)
        transaction = Transaction(body, signature: sender.key.sign(body.signedBytes(chain: chain)))
        id = transaction.id(chain: chain, using: Blake2b())
        madeAt = account.height
    }

    /// Waits until it is in a block, can no longer be in one, or the time is up. Asked again, a node that has lost it
    /// takes it again: the nonce keeps it from being done twice.
    func waitForCommitment(
        on client: NodeClient, for patience: TimeSpan, _ sleep: (TimeSpan) -> Void
    ) throws(Failure) -> NodeClient.TransactionReport {
        var left = patience
        while true {
            let report = try client.transaction(id, since: madeAt)
            if report.state == "committed" { return report }
            guard report.head < transaction.expiry.number else {
                throw Failure(
                    .transactionLost, "transaction \(id.short) is in none of the blocks it was valid for",
                    do: Hint("Give the command again; nothing was done or paid."))
            }
            if report.state == "unknown" { _ = try? client.submit(transaction.encoded) }
            guard left > Self.pause else {
                throw Failure(
                    .transactionPending, "transaction \(id.short) is not in a block after \(patience.plain)",
                    do: Hint("--wait=1m", "waits longer; sent once more under its nonce it is still done only once"))
            }
            sleep(Self.pause)
            left = TimeSpan(nanoseconds: left.nanoseconds - Self.pause.nanoseconds)
        }
    }

    private static let pause = TimeSpan.milliseconds(100)

    func fields(state: String) -> [JSON.Member] {
        [
            .init("id", .string("\(id)")), .init("state", .string(state)),
            .init("from", .string(transaction.sender.text)),
            .init("nonce", JSON(transaction.nonce)), .init("fee", .string("\(transaction.fee)")),
            .init("fee_units", JSON(transaction.fee.units)), .init("expiry", JSON(transaction.expiry.number)),
        ]
    }
}
