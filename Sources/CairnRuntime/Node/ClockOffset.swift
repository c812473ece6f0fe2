import CairnBase
import CairnLedger
import CairnWire

/// How far others' clocks are from ours: by the hello that each peer began its connection with, and by the time in blocks when they
/// are executed here. Of a hello half a round trip is taken off; a block is as old as its votes took, so a good clock is behind by
/// that little. One leader says what time a block has, and one peer what its hello has: neither is believed alone.
struct ClockOffset: Equatable {
    /// Milliseconds that the middle one of the peers is ahead of us; nil without peers.
    let peers: Int64?
    let peerCount: Int
    /// The same of the leaders of new blocks, each by its newest.
    let blocks: Int64?
    let blockCount: Int

    /// Where it is worth a word: a leader whose time is that wrong dates its blocks for everybody.
    static let concern: Int64 = 2_000
    /// Fewer peers may be of one hand.
    private static let peersMin = 3

    init(peers: [Int64], blocks: [Int64]) {
        (self.peers, peerCount) = (peers.middle, peers.count)
        (self.blocks, blockCount) = (blocks.middle, blocks.count)
    }

    /// What is shown: a hello was said when the connection began, a block just now.
    var milliseconds: Int64? { blocks ?? peers }

    /// What enough peers, and the leaders where there are any, agree on: the lesser where they say more and less. Zero where they
    /// contradict one another, nil where there are too few.
    var agreed: Int64? {
        guard let peers, peerCount >= Self.peersMin else { return nil }
        guard let blocks else { return peers }
        guard (peers < 0) == (blocks < 0) else { return 0 }
        return peers < 0 ? max(peers, blocks) : min(peers, blocks)
    }

    private var isApart: Bool { (agreed?.magnitude ?? 0) > Self.concern }

    func json(bound: TimeSpan) -> JSON {
        [
            "offset_ms": milliseconds.map { JSON($0) } ?? .null,
            "peers_ms": peers.map { JSON($0) } ?? .null, "peers": JSON(peerCount),
            "blocks_ms": blocks.map { JSON($0) } ?? .null, "blocks": JSON(blockCount),
            "agreed_ms": agreed.map { JSON($0) } ?? .null, "apart": .bool(isApart),
            "concern_ms": JSON(Self.concern), "bound_ms": JSON(bound.milliseconds),
        ]
    }
}

/// The newest blocks' times beside our clock when they were executed, one of each leader: no leader has two voices.
struct BlockClock {
    private static let kept = 15
    private var voices: [(proposer: AccountID, offset: Int64)] = []
    /// Where this node led: its own clock says nothing about itself.
    private var led: [(epoch: Epoch, view: View)] = []

    var offsets: [Int64] { voices.map(\.offset) }

    mutating func lead(_ epoch: Epoch, _ view: View) {
        led.append((epoch, view))
        if led.count > Self.kept { led.removeFirst() }
    }

    /// - Parameter isNews: not of a block that was fetched because it is old.
    mutating func note(_ block: BlockSummary, at wall: UInt64, isNews: Bool) {
        guard isNews else { return voices.removeAll() }
        guard !led.contains(where: { $0 == (block.epoch, block.view) }) else { return }
        voices.removeAll { $0.proposer == block.proposer }
        voices.append((block.proposer, Int64(clamping: Int128(block.time) - Int128(wall))))
        if voices.count > Self.kept { voices.removeFirst() }
    }
}
