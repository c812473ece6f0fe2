public import CairnNode

/// What came of a transaction that was handed in.
public enum SubmissionAnswer: Sendable, Equatable {
    case malformed
    case otherChain
    case badSignature
    /// Too many are being judged at this moment.
    case busy
    case pool(TransactionPool.Answer)
}

/// Who waits for an answer about a transaction.
struct TransactionTickets {
    /// The ticket of a transaction that came from a peer, who is not told.
    static let nobody: UInt64 = 0
    private static let capacity = 1_024

    private var next: UInt64 = 1
    private var waiting: [UInt64: (SubmissionAnswer) -> Void] = [:]

    /// A ticket, or nothing while too many are out.
    mutating func open(_ answer: @escaping (SubmissionAnswer) -> Void) -> UInt64? {
        guard waiting.count < Self.capacity else { return nil }
        let ticket = next
        next += 1
        waiting[ticket] = answer
        return ticket
    }

    /// Whoever waits, to be told once; telling may hand in the next transaction, so it is the caller's to do.
    mutating func close(_ ticket: UInt64) -> ((SubmissionAnswer) -> Void)? {
        waiting.removeValue(forKey: ticket)
    }
}
