import CairnBase

/// From a finalization to blocks handed out in order.
extension Consensus {
    /// The floor rises at once; the blocks follow when they are all held.
    mutating func raiseFloor(to finalization: VerifiedCertificate) {
        guard finalization.view > epoch.floor, let base = parent(finalization.block) else { return }
        epoch.floor = finalization.view
        epoch.finalization = finalization
        epoch.base = base
        // Durable before anything below it is forgotten: the log keeps older records until this one is synced.
        persist([.certificate(finalization.certificate)])
        epoch.views.removeAll(below: finalization.view.next)
        commitFinal()
        // What the newest block still lacks is probably on its way. Older gaps are not: they are filled from here,
        // because in a chain whose views are shorter than D no retry ever comes to do it.
        if epoch.base.height.number > epoch.committed.height.number + 1 { fetchMissing() }
    }

    mutating func commitFinal() {
        guard let finalization = epoch.finalization, !epoch.isOver else { return }
        guard case .whole(let path) = path(to: finalization.block) else { return }
        let counting = path.filter { $0.header.height <= epoch.lastHeight || !isInForce(.epochEnds) }
        guard let last = counting.last else { return }
        let blocks = counting.map { Block(header: $0.header, payload: $0.payload ?? .empty) }
        let rest = path.dropFirst(counting.count).map(\.header)
        effects.append(.commit(Commit(blocks: blocks, finalization: finalization, path: rest)))
        advance(
            to: Anchor(
                block: last.digest, height: last.header.height, time: last.header.time, randomness: last.randomness))
    }

    private mutating func advance(to anchor: Anchor) {
        epoch.committed = anchor
        let floor = epoch.floor
        epoch.blocks.removeAll { _, block in block.header.height <= anchor.height || block.header.view <= floor }
        epoch.fetches.removeAll()
        guard anchor.height >= epoch.lastHeight, let finalization = epoch.finalization, isInForce(.epochEnds) else {
            return
        }
        epoch.isOver = true
        previousEnd = finalization
        effects.append(.epochEnded(EpochEnd(epoch: epoch.number, anchor: anchor, finalization: finalization)))
    }

    private enum Path {
        case whole([KnownBlock])
        /// These are missing, or a piece of the chain of unknown length ends in them.
        case broken(missing: [Digest])
        case contradicting
    }

    /// The blocks from the last one handed out up to `tip`, lowest first.
    private func path(to tip: Digest) -> Path {
        guard epoch.base.height > epoch.committed.height else {
            let isFork = epoch.base.height == epoch.committed.height && tip != epoch.committed.block
            return isFork ? .contradicting : .whole([])
        }
        var blocks: [KnownBlock] = []
        var missing: [Digest] = []
        var cursor = tip
        while cursor != epoch.committed.block {
            guard let known = epoch.blocks[cursor] else { return .broken(missing: missing + [cursor]) }
            guard known.header.height > epoch.committed.height else { return .contradicting }
            if known.payload == nil { missing.append(cursor) }
            blocks.append(known)
            cursor = known.header.parent
        }
        return missing.isEmpty ? .whole(blocks.reversed()) : .broken(missing: missing)
    }

    /// Asks for what stands between the floor and the last block handed out.
    mutating func fetchMissing() {
        guard let finalization = epoch.finalization, !epoch.isOver else { return }
        switch path(to: finalization.block) {
        case .whole: commitFinal()
        case .contradicting: stop(.contradictingFinalization)
        case .broken(let missing):
            let gap = epoch.base.height.number - min(epoch.base.height.number, epoch.committed.height.number)
            if gap > ConsensusLimits.blocksFetchedInline {
                guard mayFetch(epoch.committed.block) else { return }
                effects.append(.synchronise(from: epoch.committed, to: finalization))
            } else {
                for digest in missing.prefix(Int(ConsensusLimits.blocksFetchedInline)) { fetch(digest) }
            }
        }
    }

    /// Asks for a block that a quorum has named, at most once in D.
    mutating func fetch(_ digest: Digest) {
        if mayFetch(digest) { effects.append(.fetchBlock(digest)) }
    }

    private mutating func mayFetch(_ digest: Digest) -> Bool {
        var last = epoch.fetches[digest]
        guard PeerRecord.mayRepeat(&last, now: now, every: parameters.delay) else { return false }
        epoch.fetches[digest] = last
        return true
    }

    /// A fetched block is worth what its digest says: it must be one we are looking for.
    mutating func receive(_ blocks: [Block]) {
        for block in blocks where block.isWhole(using: hash) {
            let digest = block.header.digest(using: hash)
            guard isWanted(digest, block.header) else { continue }
            know(block.header, digest: digest, payload: block.payload)
            if isInWindowUncounted(block.header.view) {
                certify(.notarize, digest, in: block.header.view)
                certify(.finalize, digest, in: block.header.view)
            }
        }
        if !epoch.isOver { fetchMissing() }
    }

    private func isWanted(_ digest: Digest, _ header: Header) -> Bool {
        if let known = epoch.blocks[digest] { return known.payload == nil }
        if case .broken(let missing) = path(to: epoch.base.block), missing.contains(digest) { return true }
        guard let tally = epoch.views[header.view]?.tally else { return false }
        return [VoteKind.notarize, .finalize].contains {
            epoch.committee.isQuorum(tally.weight($0, digest, in: epoch.committee))
        }
    }

    /// The shell has executed everything up to a finalized block on its own.
    mutating func synchronised(to anchor: Anchor, by finalization: VerifiedCertificate) {
        guard finalization.epoch == epoch.number, anchor.height > epoch.committed.height else { return }
        if finalization.view > epoch.floor { accept(finalization) }
        guard anchor.height > epoch.committed.height, anchor.height <= epoch.base.height else { return }
        advance(to: anchor)
        fetchMissing()
    }
}
