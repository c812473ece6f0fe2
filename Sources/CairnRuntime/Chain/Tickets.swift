/// Who waits for an answer that comes with a later turn: a bounded number of them, each told once.
struct Tickets<Answer> {
    private static var capacity: Int { 1_024 }

    private var next: UInt64 = 1
    private var waiting: [UInt64: (Answer) -> Void] = [:]

    /// A ticket, or nothing while too many are out. Zero is nobody's.
    mutating func open(_ answer: @escaping (Answer) -> Void) -> UInt64? {
        guard waiting.count < Self.capacity else { return nil }
        let ticket = next
        next += 1
        waiting[ticket] = answer
        return ticket
    }

    /// Whoever waits, to be told once; telling may ask the next question, so it is the caller's to do.
    mutating func close(_ ticket: UInt64) -> ((Answer) -> Void)? {
        waiting.removeValue(forKey: ticket)
    }
}
