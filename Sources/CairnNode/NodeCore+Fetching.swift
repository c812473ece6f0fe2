import CairnBase
import CairnConsensus

/// Blocks that others have, and blocks that others want.
extension NodeCore {
    /// Asks two peers, another two each time, for a block that a quorum has named.
    mutating func fetch(_ digest: Digest, into effects: inout [NodeEffect]) {
        for _ in 0..<min(2, peers.count) {
            nextPeer = (nextPeer + 1) % peers.count
            effects.append(.send(.blockWanted(digest), to: peers[nextPeer]))
        }
    }

    func serve(_ digest: Digest, to peer: NodeID, into effects: inout [NodeEffect]) {
        if let entry = recent[digest] {
            effects.append(.send(.block(entry.block), to: peer))
        } else {
            effects.append(.serveBlock(digest, to: peer))
        }
    }

    mutating func synchronise(
        from anchor: Anchor, to target: VerifiedCertificate, at now: Instant, into effects: inout [NodeEffect]
    ) {
        // Under way towards something just as far: consensus asks again whenever it learns of a newer finalization.
        if let catchUp, catchUp.isTowards.epoch == target.epoch, now < catchUp.deadline { return }
        catchUp = CatchUp(from: anchor, to: target)
        carryOut(catchUp?.ask(peers, at: now), at: now, into: &effects)
    }

    mutating func receive(
        _ blocks: [Block], from peer: NodeID, at now: Instant, into effects: inout [NodeEffect]
    ) {
        let (others, hash) = (peers, hash)
        let wanted = catchUp?.receive(blocks, from: peer, peers: others, at: now, using: hash)
        carryOut(wanted, at: now, into: &effects)
    }

    mutating func catchUpTimer(at now: Instant, into effects: inout [NodeEffect]) {
        // An earlier timer than that of the newest question: the peer still has its time.
        guard let catchUp, now >= catchUp.deadline else { return }
        let others = peers
        carryOut(self.catchUp?.ask(others, at: now), at: now, into: &effects)
    }

    private mutating func carryOut(_ wanted: CatchUp.Step?, at now: Instant, into effects: inout [NodeEffect]) {
        switch wanted {
        case .ask(let peer, let first):
            effects.append(.send(.rangeWanted(first: first), to: peer))
            effects.append(.setTimer(.catchUp, at: now + CatchUp.patience))
        case .complete(let blocks, let anchor, let finalization):
            catchUp = nil
            execute(blocks, finalization, into: &effects)
            step(.synchronised(anchor, finalization), at: now, into: &effects)
        case nil:
            // Nobody to ask: tried again when the timer fires.
            if catchUp != nil { effects.append(.setTimer(.catchUp, at: now + CatchUp.patience)) }
        }
    }
}
