import CairnBase

/// Questions of peers that are being looked up. A peer that takes its question back leaves the work with us, so what is
/// counted is the work, not the streams: who has much of it waiting is told that nothing is to be had now.
struct ServedQuestions<Answer> {
    /// Somewhat more than a peer may ask at once over all protocols.
    static var perPeer: Int { 8 }

    private var tickets = Tickets<Answer>()
    // ORDER: looked up by ticket and by node only.
    private var askers: [UInt64: NodeID] = [:]
    private var waiting: [NodeID: Int] = [:]
    private(set) var refused: UInt64 = 0

    mutating func open(for node: NodeID, _ answer: @escaping (Answer) -> Void) -> UInt64? {
        guard waiting[node, default: 0] < Self.perPeer, let ticket = tickets.open(answer) else {
            refused += 1
            return nil
        }
        askers[ticket] = node
        waiting[node, default: 0] += 1
        return ticket
    }

    mutating func close(_ ticket: UInt64) -> ((Answer) -> Void)? {
        if let node = askers.removeValue(forKey: ticket) {
            let left = waiting[node, default: 1] - 1
            waiting[node] = left > 0 ? left : nil
        }
        return tickets.close(ticket)
    }
}
