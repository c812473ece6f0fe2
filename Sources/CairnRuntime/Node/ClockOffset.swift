import CairnBase
import CairnWire

/// How far others' clocks are from ours: by the hello that each peer began its connection with, and by the time in new
/// blocks. Both say too little by the way of the message, which is milliseconds; nothing else on the wire has a time.
struct ClockOffset: Equatable {
    /// Milliseconds that the middle one of the peers is ahead of us; nil without peers.
    let peers: Int64?
    let peerCount: Int
    /// The same of the newest blocks that came while they were new.
    let blocks: Int64?
    let blockCount: Int

    /// Where it is worth a word: a leader whose time is that wrong dates its blocks for everybody.
    static let concern: Int64 = 2_000

    init(peers: [Int64], blocks: [Int64]) {
        (self.peers, peerCount) = (Self.median(peers), peers.count)
        (self.blocks, blockCount) = (Self.median(blocks), blocks.count)
    }

    /// What is to be believed: a hello was said when the connection began, a block just now.
    var milliseconds: Int64? { blocks ?? peers }

    private static func median(_ values: [Int64]) -> Int64? {
        values.isEmpty ? nil : values.sorted()[values.count / 2]
    }

    func json(bound: TimeSpan) -> JSON {
        [
            "offset_ms": milliseconds.map { JSON($0) } ?? .null,
            "peers_ms": peers.map { JSON($0) } ?? .null, "peers": JSON(peerCount),
            "blocks_ms": blocks.map { JSON($0) } ?? .null, "blocks": JSON(blockCount),
            "concern_ms": JSON(Self.concern), "bound_ms": JSON(bound.milliseconds),
        ]
    }
}

/// The newest blocks' times beside our clock when they were executed.
struct BlockClock {
    private static let kept = 15
    private(set) var offsets: [Int64] = []

    /// - Parameter isNews: not of a block that was fetched because it is old.
    mutating func note(_ time: UInt64, at wall: UInt64, isNews: Bool) {
        guard isNews else { return offsets.removeAll() }
        offsets.append(Int64(clamping: Int128(time) - Int128(wall)))
        if offsets.count > Self.kept { offsets.removeFirst() }
    }
}
