public import CairnBase
import CairnConsensus
import CairnWire
import CairnWitness

/// Catching up with others, and helping those who do.
extension NodeCore {
    /// The block that this node is catching up to; nil when there is none.
    public func syncTarget(at now: Instant) -> SyncTarget? { sync?.target(claimed: syncPeers.furthestClaim(at: now)) }

    /// Asks two peers, another two each time, for a block that a quorum has named.
    mutating func fetch(_ digest: Digest, into effects: inout [NodeEffect]) {
        for _ in 0..<min(2, peers.count) {
            nextPeer = (nextPeer + 1) % peers.count
            effects.append(.ask(.block(digest), of: peers[nextPeer]))
        }
    }

    /// Asks the next peer for a block of the past that lies damaged here.
    mutating func repair(_ digest: Digest, at height: Height, into effects: inout [NodeEffect]) {
        guard !peers.isEmpty, height <= executed, repairs.want(digest, at: height) else { return }
        nextPeer = (nextPeer + 1) % peers.count
        effects.append(.ask(.block(digest), of: peers[nextPeer]))
    }

    /// Answers within what a peer may have: from memory if possible, else the store looks.
    mutating func serve(
        _ request: HistoryRequest, to peer: NodeID, _ ticket: UInt64, at now: Instant,
        into effects: inout [NodeEffect]
    ) {
        guard allowance.take(request, by: peer, at: now) else { return effects.append(.reply(nil, ticket: ticket)) }
        switch request {
        case .block(let digest):
            guard let entry = recent[digest] else { return effects.append(.serve(request, ticket: ticket)) }
            effects.append(.reply(.block(entry.block), ticket: ticket))
        case .receipts(let wanted):
            effects.append(.reply(receipts(wanted), ticket: ticket))
        case .handoffs, .headers, .payloads, .snapshot, .chunk: effects.append(.serve(request, ticket: ticket))
        }
    }

    /// Consensus has seen a finalization too far ahead to fetch block by block.
    mutating func synchronise(
        to target: VerifiedCertificate, at now: Instant, into effects: inout [NodeEffect]
    ) {
        guard let finality = VerifiedFinality(target) else { return }
        openSync()
        let last = sync?.guide.lastHeight(of: target.epoch) ?? .genesis
        if finality.header.height > last {
            // It finalizes the epoch's last block from above: only the handoff says by which headers.
            sync?.want(through: target.epoch.next)
        } else {
            carryOut(sync?.extend(to: finality) ?? [], into: &effects)
        }
        advanceSync(at: now, into: &effects)
    }

    /// A peer says that it is epochs ahead.
    mutating func note(_ position: ChainPosition, of peer: NodeID, at now: Instant, into effects: inout [NodeEffect]) {
        syncPeers.note(peer, claims: position.epoch)
        // One epoch ahead is where everyone is who was a moment faster at its end.
        guard position.epoch > consensus.position.epoch.next else { return }
        openSync()
        advanceSync(at: now, into: &effects)
    }

    mutating func receive(
        _ answer: HistoryAnswer, to request: HistoryRequest, from peer: NodeID, at now: Instant,
        into effects: inout [NodeEffect]
    ) {
        if case .block(let digest) = request {
            let height = repairs.take(digest)
            guard case .block(let block) = answer, block.header.digest(using: hash) == digest,
                block.isWhole(using: hash)
            else { return effects.append(.distrust(peer)) }
            if block.header.height == height { return effects.append(.repair(block, digest: digest)) }
            return hear(.blocks([block]), at: now, into: &effects)
        }
        if case .receipts(let wanted) = request {
            // Receipts come checked, as an input of their own.
            effects.append(.distrust(peer))
            return lacks(wanted, peer, into: &effects)
        }
        carryOut(sync?.receive(answer, to: request, from: peer, &syncPeers, at: now) ?? [], into: &effects)
        advanceSync(at: now, into: &effects)
    }

    /// A block that nobody gave is asked for again when consensus still misses it.
    mutating func unanswered(
        _ request: HistoryRequest, by peer: NodeID, at now: Instant, into effects: inout [NodeEffect]
    ) {
        if case .receipts(let wanted) = request { return lacks(wanted, peer, into: &effects) }
        if case .block(let digest) = request { _ = repairs.take(digest) }
        sync?.unanswered(request, by: peer, &syncPeers, at: now)
        advanceSync(at: now, into: &effects)
    }

    /// The signatures of handoffs were checked.
    mutating func followed(_ check: HandoffCheck, at now: Instant, into effects: inout [NodeEffect]) {
        guard sync != nil else { return }
        carryOut(sync?.followed(check.found, check.guide) ?? [], into: &effects)
        if !check.isWhole { carryOut(sync?.distrust(check.peer, &syncPeers, at: now) ?? [], into: &effects) }
        advanceSync(at: now, into: &effects)
    }

    mutating func syncTimer(at now: Instant, into effects: inout [NodeEffect]) {
        isSyncTimerSet = false
        advanceSync(at: now, into: &effects)
    }

    /// Goes on with catching up, as far as peers and the disk allow now.
    mutating func advanceSync(at now: Instant, into effects: inout [NodeEffect]) {
        guard sync != nil else { return }
        let height = executed
        let steps = sync?.advance(&syncPeers, executed: height, at: now) ?? []
        carryOut(steps, into: &effects)
        tellReached(at: now, into: &effects)
        if steps.isEmpty, sync?.isIdle == true, reached.isEmpty { return sync = nil }
        guard !isSyncTimerSet else { return }
        isSyncTimerSet = true
        effects.append(.setTimer(.sync, at: now + Self.syncTick))
    }

    private static var syncTick: TimeSpan { .milliseconds(250) }

    private mutating func openSync() {
        guard sync == nil else { return }
        let committee = consensus.committee
        let checkpoint = LightClient.Checkpoint(
            epoch: consensus.position.epoch, committee: committee.hash(using: hash))
        guard
            let guide = LightClient(
                from: checkpoint, committee: committee, chain: chain,
                epochLength: consensus.parameters.epochLength, hash: hash)
        else { return }
        sync = ChainSync(guide: guide, from: handed.height, handed.block, executed: executed, hash: hash)
    }

    private mutating func carryOut(_ steps: [ChainSync<Hash>.Step], into effects: inout [NodeEffect]) {
        for step in steps {
            switch step {
            case .ask(let peer, let request): effects.append(.ask(request, of: peer))
            case .follow(let guide, let handoffs, let peer):
                effects.append(.follow(guide, handoffs, from: peer))
            case .block(let block, let proof):
                execute(block, proof?.proof, into: &effects)
                if let proof { reached.append(proof) }
            case .distrust(let peer): effects.append(.distrust(peer))
            case .fork: effects.append(.consensus(.stopVoting(.contradictingFinalization)))
            }
        }
    }

    /// Tells consensus what was handed on without it, once it has come to that epoch.
    mutating func tellReached(at now: Instant, into effects: inout [NodeEffect]) {
        while let next = reached.first, next.header.epoch <= consensus.position.epoch {
            reached.removeFirst()
            guard next.header.epoch == consensus.position.epoch else { continue }
            let anchor = Anchor(
                block: next.digest, height: next.header.height, time: next.header.time,
                randomness: next.header.randomness.next(using: hash))
            step(.synchronised(anchor, next.finalization), at: now, into: &effects)
        }
    }
}
