public import CairnNode

/// What came of a transaction that was handed in.
public enum SubmissionAnswer: Sendable, Equatable {
    case malformed
    case otherChain
    case badSignature
    /// Too many are being judged at this moment.
    case busy
    case pool(TransactionPool.Answer)

    /// The name in the interface.
    var name: String {
        switch self {
        case .malformed: "malformed"
        case .otherChain: "other-chain"
        case .badSignature: "bad-signature"
        case .busy: "busy"
        case .pool(.farAhead): "far-ahead"
        case .pool(.unknownSender): "unknown-sender"
        case .pool(.notAHolder): "not-a-holder"
        case .pool(.nothingNew): "nothing-new"
        case .pool(.wrongKey): "wrong-key"
        case .pool(.feeTooLow): "fee-too-low"
        case .pool(let answer): "\(answer)"
        }
    }

    /// Why it was refused, for the person who handed it in; nil when it was not.
    var refusal: String? {
        switch self {
        case .malformed: "these bytes are no transaction"
        case .otherChain: "the transaction is for another chain"
        case .badSignature: "a signature of the transaction is not good"
        case .busy: "too many transactions are being judged at this moment"
        case .pool(.accepted), .pool(.replaced), .pool(.known): nil
        case .pool(.expired): "the transaction has expired"
        case .pool(.unknownSender): "the account owns nothing yet"
        case .pool(.notAHolder): "the device holds no shard of the object, or the object is gone"
        case .pool(.nothingNew): "the chain knows what the holder says"
        case .pool(.wrongKey): "another key speaks for the account"
        case .pool(.feeTooLow): "the fee is below the network's minimum"
        case .pool(.unpayable): "the account does not own the fees of all that it has waiting"
        case .pool(.stale): "the account has used this nonce already"
        case .pool(.farAhead): "the nonce is too far ahead of what the account can execute"
        case .pool(.underpriced): "another transaction with this nonce pays nearly as much, or more"
        case .pool(.full): "the pool is full of transactions that pay as much or more"
        }
    }
}
