import CairnBase
import CairnRuntime
import CairnWire

/// What a wallet asks of a node.
extension NodeClient {
    /// An account as the newest executed block left it.
    struct AccountReport: Sendable {
        let document: JSON
        let balance: String
        let units: Amount
        let nonce: UInt64
        /// Counting what waits in the node's pool.
        let nextNonce: UInt64
        let height: UInt64
        let feeMin: Amount
    }

    /// What became of a transaction.
    struct TransactionReport: Sendable {
        /// `pending`, `committed` or `unknown`.
        let state: String
        /// Of the block that holds it.
        let height: UInt64?
        let outcome: String?
        /// The newest executed height.
        let head: UInt64
    }

    func account(_ account: AccountID) throws(Failure) -> AccountReport {
        let document = try document(ask(.get, "/v1/accounts/\(account.text)"))
        guard let balance = document["balance"]?.string,
            let units = document["balance_units"]?.integer(UInt64.self),
            let nonce = document["nonce"]?.integer(UInt64.self),
            let next = document["next_nonce"]?.integer(UInt64.self),
            let height = document["height"]?.integer(UInt64.self),
            let fee = document["fee_min_units"]?.integer(UInt64.self)
        else { throw strange("/v1/accounts lacks a field") }
        return AccountReport(
            document: document, balance: balance, units: Amount(units: units), nonce: nonce, nextNonce: next,
            height: height,
            feeMin: Amount(units: fee))
    }

    /// Which chain the node is on.
    func chain() throws(Failure) -> ChainID {
        guard let text = try report().document["chain"]?["id"]?.string, let bytes = bytes(hex: text),
            let raw = Bytes32(bytes)
        else { throw Failure(.noChain, "the node at \(address) takes part in no chain") }
        return ChainID(raw)
    }

    /// Hands in a signed transaction. What comes back is the pool's word, not yet the chain's.
    func submit(_ transaction: [UInt8]) throws(Failure) -> String {
        let answer = try exchange(.post, "/v1/transactions", body: transaction)
        let document = try document(answer)
        guard answer.status == 202, let state = document["state"]?.string else {
            throw Failure(
                .transactionRefused,
                "the node refuses the transaction: \(document["detail"]?.string ?? "status \(answer.status)")",
                found: document["code"]?.string.map { [Hint($0)] } ?? [])
        }
        return state
    }

    func transaction(_ id: Digest, since height: UInt64) throws(Failure) -> TransactionReport {
        let document = try document(ask(.get, "/v1/transactions/\(id)?since=\(height)"))
        guard let state = document["state"]?.string, let head = document["head"]?.integer(UInt64.self) else {
            throw strange("/v1/transactions lacks a field")
        }
        return TransactionReport(
            state: state, height: document["height"]?.integer(), outcome: document["outcome"]?.string, head: head)
    }
}
