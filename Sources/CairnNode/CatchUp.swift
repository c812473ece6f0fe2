import CairnBase
import CairnConsensus
import CairnWire

/// Fetches the final blocks between what is executed here and a finalization that consensus has verified.
///
/// Blocks come in ranges, from one peer after another. Nothing is believed on a peer's word: a range must continue the
/// chain by its parents' digests, and no block is handed on before the whole chain of them has reached the finalized
/// block. One way for a gap of nine blocks and of a whole epoch; whoever is further behind goes epoch by epoch.
struct CatchUp: Sendable {
    enum Step: Equatable {
        /// Ask a peer for blocks from this height on.
        case ask(NodeID, first: Height)
        /// The chain is whole, lowest block first.
        case complete([Block], Anchor, VerifiedCertificate)
    }

    /// How long a peer has before another one is asked.
    static let patience = TimeSpan.seconds(2)

    private let from: Anchor
    private let target: VerifiedCertificate
    private let byteLimit: Int
    private var blocks: [Block] = []
    private var byteCount = 0
    private var tip: Digest
    private var asked: NodeID?
    private var turn = 0
    private(set) var deadline = Instant.origin

    init(from anchor: Anchor, to target: VerifiedCertificate, byteLimit: Int = 256 << 20) {
        from = anchor
        self.target = target
        self.byteLimit = byteLimit
        tip = anchor.block
    }

    var isTowards: VerifiedCertificate { target }

    /// Asks the next peer in turn, if there is any.
    mutating func ask(_ peers: [NodeID], at now: Instant) -> Step? {
        guard !peers.isEmpty else { return nil }
        let peer = peers[turn % peers.count]
        turn += 1
        asked = peer
        deadline = now + Self.patience
        return .ask(peer, first: from.height.advanced(by: UInt64(blocks.count) + 1))
    }

    /// Takes a range from the peer that was asked. A range that does not continue the chain is worth nothing, and all
    /// that was collected may be a lie that only now came out: the next peer is asked from the start.
    mutating func receive(
        _ range: [Block], from peer: NodeID, peers: [NodeID], at now: Instant, using hash: some HashFunction
    ) -> Step? {
        guard peer == asked else { return nil }
        for block in range {
            let header = block.header
            let size = block.payload.bytes.count + 512
            guard header.parent == tip, header.epoch == target.epoch, block.isWhole(using: hash),
                header.height == from.height.advanced(by: UInt64(blocks.count) + 1), byteCount + size <= byteLimit
            else {
                restart()
                break
            }
            tip = header.digest(using: hash)
            byteCount += size
            blocks.append(block)
            if tip == target.block { return complete(using: hash) }
        }
        return ask(peers, at: now)
    }

    private func complete(using hash: some HashFunction) -> Step? {
        guard let last = blocks.last?.header else { return nil }
        let anchor = Anchor(
            block: tip, height: last.height, time: last.time, randomness: last.randomness.next(using: hash))
        return .complete(blocks, anchor, target)
    }

    private mutating func restart() {
        blocks = []
        byteCount = 0
        tip = from.block
    }
}
