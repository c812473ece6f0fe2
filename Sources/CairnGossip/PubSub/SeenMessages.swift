import CairnBase

/// The ids of messages that were decided on, for at least a while and in bounded room.
///
/// Two generations: ids go into the younger one; when that is full or old it becomes the elder, and the elder is
/// forgotten. An id is therefore held for one to two generations' time, unless more come than there is room for.
struct SeenMessages: Sendable {
    // ORDER: asked for membership only.
    private var younger: Set<MessageID> = []
    // ORDER: asked for membership only.
    private var elder: Set<MessageID> = []
    private var since: Instant
    private let time: TimeSpan
    private let capacity: Int
    /// Generations that ended for lack of room.
    private(set) var crowdedOut: UInt64 = 0

    init(for time: TimeSpan, capacity: Int, at now: Instant) {
        self.time = time
        self.capacity = max(capacity / 2, 1)
        since = now
    }

    func contains(_ id: MessageID) -> Bool { younger.contains(id) || elder.contains(id) }

    var count: Int { younger.count + elder.count }

    mutating func insert(_ id: MessageID, at now: Instant) {
        if younger.count >= capacity {
            crowdedOut += 1
            turn(now)
        }
        younger.insert(id)
    }

    mutating func advance(to now: Instant) { if now.since(since) >= time { turn(now) } }

    private mutating func turn(_ now: Instant) {
        elder = younger
        younger = []
        since = now
    }
}
