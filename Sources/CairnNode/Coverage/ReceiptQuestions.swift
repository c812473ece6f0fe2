import CairnBase
import CairnWitness

/// The receipts under verdicts of proposed blocks, while they are fetched: from the leader who must have them, and where
/// it does not give them, from two others.
struct ReceiptQuestions: Sendable {
    /// Sent by the core that holds this, which tells how each ended.
    struct Question: Sendable, Equatable {
        let receipts: WantedReceipts
        let peer: NodeID
    }

    private struct Want: Sendable {
        let leader: NodeID
        var asked: OrderedSet<NodeID> = []
        var isOpen = false
    }

    /// As many at a time as a peer takes under one protocol.
    static let perPeer = 2
    private static let peersEach = 3
    /// More than one block may carry, less than all that a committee of liars could name.
    private static let capacity = 512

    private var wants = OrderedMap<WantedReceipts, Want>()
    private var open = OrderedMap<NodeID, Int>()

    mutating func want(_ receipts: WantedReceipts, of leader: NodeID) {
        guard wants[receipts] == nil, wants.count < Self.capacity else { return }
        wants[receipts] = Want(leader: leader)
    }

    /// What can be asked now.
    mutating func next(_ peers: [NodeID]) -> [Question] {
        var questions: [Question] = []
        for (receipts, want) in wants where !want.isOpen && want.asked.count < Self.peersEach {
            let willing = ([want.leader] + peers).first {
                peers.contains($0) && !want.asked.contains($0) && open[$0, default: 0] < Self.perPeer
            }
            guard let peer = willing else { continue }
            wants[receipts]?.asked.insert(peer)
            wants[receipts]?.isOpen = true
            open[peer, default: 0] += 1
            questions.append(Question(receipts: receipts, peer: peer))
        }
        return questions
    }

    /// A peer has answered, or will not.
    mutating func ended(_ receipts: WantedReceipts, by peer: NodeID) {
        wants[receipts]?.isOpen = false
        guard let count = open[peer] else { return }
        open[peer] = count > 1 ? count - 1 : nil
    }

    /// Nobody waits for the others any more. A question under way is answered all the same.
    mutating func keep(only needed: OrderedSet<WantedReceipts>) {
        for receipts in wants.keys where !needed.contains(receipts) { wants.removeValue(forKey: receipts) }
    }

    mutating func leave(_ peer: NodeID) { open[peer] = nil }
}
