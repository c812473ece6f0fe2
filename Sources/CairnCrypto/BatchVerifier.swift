public import CairnWire

/// Where a shell hands in claims and later fetches the answers, so that checking never stalls its loop.
///
/// Answers come back batch by batch in the order the batches went in, whatever order the work was done in. The queue
/// is bounded: a batch that does not fit is refused whole and its sender counts the drop.
public protocol VerifyQueue<Value>: ~Copyable {
    associatedtype Value: Signed

    /// Whether the batch was taken.
    mutating func submit(_ claims: [Claim<Value>]) -> Bool

    /// The answers of the oldest batch, when they are there.
    mutating func next() -> [Verified<Value>?]?
}

/// The verify queue without threads: it checks a batch when its answers are asked for.
public struct BatchVerifier<Value: Signed>: VerifyQueue {
    public let verifier: Verifier
    /// How many claims may wait.
    public let capacity: Int
    public private(set) var waiting = 0
    private var batches: [[Claim<Value>]] = []

    public init(_ verifier: Verifier, capacity: Int) {
        self.verifier = verifier
        self.capacity = capacity
    }

    public mutating func submit(_ claims: [Claim<Value>]) -> Bool {
        guard claims.count <= capacity - waiting else { return false }
        guard !claims.isEmpty else { return true }
        waiting += claims.count
        batches.append(claims)
        return true
    }

    public mutating func next() -> [Verified<Value>?]? {
        guard !batches.isEmpty else { return nil }
        let batch = batches.removeFirst()
        waiting -= batch.count
        return verifier.verify(batch)
    }
}
