import CairnBase

/// The messages of the last heartbeats: what is announced to those outside the mesh, and what they may ask for.
///
/// Bounded in windows and in bytes; the oldest go first.
struct MessageCache: Sendable {
    private struct Kept: Sendable {
        let message: GossipMessage
        // ORDER: looked up by peer only.
        var served: [NodeID: Int] = [:]
    }

    // ORDER: looked up by id only; order comes from the windows.
    private var kept: [MessageID: Kept] = [:]
    /// The youngest first.
    private var windows: [[MessageID]] = [[]]
    private let windowCount: Int
    private let told: Int
    private let byteLimit: Int
    private(set) var byteCount = 0

    init(windows: Int, told: Int, byteLimit: Int) {
        windowCount = windows
        self.told = told
        self.byteLimit = byteLimit
    }

    var count: Int { kept.count }

    mutating func insert(_ message: GossipMessage) {
        guard kept[message.id] == nil else { return }
        kept[message.id] = Kept(message: message)
        windows[0].append(message.id)
        byteCount += message.encoded.count
        while byteCount > byteLimit, dropOldest() {}
    }

    /// The message a peer asks for; nil when it is not here or was given to that peer often enough.
    mutating func take(_ id: MessageID, for peer: NodeID, repeats: Int) -> GossipMessage? {
        guard let served = kept[id]?.served[peer, default: 0], served < repeats else { return nil }
        kept[id]?.served[peer] = served + 1
        return kept[id]?.message
    }

    /// What is announced of a topic: the youngest windows.
    func ids(of topic: Topic) -> [MessageID] {
        windows.prefix(told).flatMap { $0.filter { kept[$0]?.message.topic == topic } }
    }

    /// A heartbeat: the oldest window ends.
    mutating func shift() {
        windows.insert([], at: 0)
        while windows.count > windowCount {
            for id in windows.removeLast() { forget(id) }
        }
    }

    private mutating func dropOldest() -> Bool {
        guard let index = windows.lastIndex(where: { !$0.isEmpty }) else { return false }
        forget(windows[index].removeFirst())
        return true
    }

    private mutating func forget(_ id: MessageID) {
        if let old = kept.removeValue(forKey: id) { byteCount -= old.message.encoded.count }
    }
}
