import CairnBase

/// What is known here of one object that we hold a shard of.
struct Ward: Sendable {
    enum State: Sendable {
        case unknown, there, missing
    }

    /// Another holder, as we see it.
    struct Watched: Sendable {
        /// When it last showed what it was asked for, or when we began to watch it.
        var seen: Height
        var asked: Height
        var missedAt: Height?
    }

    private(set) var duty: Duty
    var list: PieceList?
    var state = State.unknown
    var watched: [Watched]
    /// When the list, or the piece, was last asked for.
    var triedAt: Height?
    var saidAt: Height?
    var askedForList = 0

    init(_ duty: Duty, at height: Height) {
        self.duty = duty
        watched = duty.holders.map { _ in Watched(seen: height, asked: .genesis) }
    }

    /// Of our own piece, once the list is here.
    var name: PieceName? { list.flatMap { PieceName(root: $0.roots[duty.own], units: duty.units) } }

    /// Takes what the chain says now. A holder in another's place has done nothing wrong yet.
    mutating func follow(_ next: Duty, at height: Height) {
        for shard in next.holders.indices where next.holders[shard].node != duty.holders[shard].node {
            watched[shard] = Watched(seen: height, asked: .genesis)
        }
        for shard in next.holders.indices where duty.holders[shard].isLost && !next.holders[shard].isLost {
            // Nobody was asked for what counted as lost, nor asked anybody.
            if shard == next.own { watch(from: height) } else { watched[shard].seen = height }
        }
        if next.own != duty.own { state = .unknown }
        duty = next
    }

    /// Nobody could be asked before the list was here.
    mutating func watch(from height: Height) {
        for shard in watched.indices { watched[shard].seen = height }
    }
}
