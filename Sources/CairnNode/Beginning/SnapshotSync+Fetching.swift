import CairnBase
import CairnConsensus
import CairnLedger

/// A snapshot, and who has it.
struct SnapshotOffer: Sendable {
    let contents: SnapshotContents
    var peers: [NodeID]
}

/// From offers to a file.
extension SnapshotSync {
    private static var choosingTime: TimeSpan { .seconds(10) }
    /// A file may take this long, and a second for every four chunks: a mebibyte.
    private static var fetchingTime: TimeSpan { .seconds(60) }
    private static var chunksPerSecond: Int { 4 }
    /// Whoever makes up names can make up as many files, and come and go.
    private static var tries: Int { 8 }

    mutating func chooseAnew(at now: Instant, into effects: inout [Effect]) {
        guard let base else { return }
        phase = .choosing
        offers = []
        deadline = now + Self.choosingTime
        for peer in peers { ask(.snapshot(base.height), of: peer, into: &effects) }
    }

    /// False for one that is of another state than the headers name.
    mutating func take(_ contents: SnapshotContents, from peer: NodeID) -> Bool {
        guard isWanted(contents) else { return false }
        if let place = offers.firstIndex(where: { $0.contents == contents }) {
            if !offers[place].peers.contains(peer) { offers[place].peers.append(peer) }
        } else {
            offers.append(SnapshotOffer(contents: contents, peers: [peer]))
        }
        if case .fetching(var fetch) = phase, fetch.contents == contents {
            fetch.join(peer)
            phase = .fetching(fetch)
        }
        return true
    }

    private func isWanted(_ contents: SnapshotContents) -> Bool {
        guard let base else { return false }
        let header = contents.header
        return !contents.chunks.isEmpty && header.chain == guide.chain && header.height == base.height
            && header.block == base.block && header.root == base.root && contents.isWhole(using: hash)
    }

    /// What most peers have comes first. Offers of one state differ only if somebody lies, or has another version.
    mutating func choose(at now: Instant, into effects: inout [Effect]) {
        guard asked.isEmpty || now >= deadline else { return }
        offers.removeAll { $0.peers.isEmpty || dropped.contains($0.contents.header.chunkList) }
        guard opened < Self.tries else { return end(.nobodyHasOne(base?.height ?? .genesis), into: &effects) }
        guard let best = offers.max(by: { $0.peers.count < $1.peers.count }) else {
            return followAgain(at: now, into: &effects)
        }
        opened += 1
        opening += 1
        effects.append(.open(best.contents))
        deadline = now + Self.fetchingTime + .seconds(UInt64(best.contents.chunks.count / Self.chunksPerSecond))
        let fetch = SnapshotFetch(best.contents, from: best.peers)
        phase = .fetching(fetch)
        fetchMore(fetch, at: now, into: &effects)
    }

    /// Nobody has one: unless an epoch has ended meanwhile, and snapshots are of another state by now, that is the end.
    private mutating func followAgain(at now: Instant, into effects: inout [Effect]) {
        barren = guide.epoch
        phase = .following
        exhausted = []
        deadline = now + Self.followingTime
        follow(at: now, into: &effects)
    }

    mutating func fetchMore(_ fetch: SnapshotFetch, at now: Instant, into effects: inout [Effect]) {
        guard now < deadline else { return drop(fetch.contents, at: now, into: &effects) }
        let isOffered = offers.contains { $0.contents == fetch.contents && !$0.peers.isEmpty }
        guard isOffered else { return chooseAgain(at: now, into: &effects) }
        var fetch = fetch
        while let bytes = fetch.next() { effects.append(.write(bytes)) }
        while let (number, peer) = fetch.ask(at: now) {
            ask(.chunk(number, of: fetch.contents.header.chunkList), of: peer, into: &effects)
        }
        phase = .fetching(fetch)
    }

    mutating func notOpened(at now: Instant, into effects: inout [Effect]) {
        opening = max(0, opening - 1)
        guard opening == 0, case .fetching(let fetch) = phase else { return }
        drop(fetch.contents, at: now, into: &effects)
    }

    mutating func wrote(into effects: inout [Effect]) {
        // Of a file that was given up, something may still be written.
        guard opening == 0, case .fetching(var fetch) = phase, let first = handoffs.first else { return }
        fetch.wrote()
        guard fetch.isWhole else { return phase = .fetching(fetch) }
        phase = .takingOver(fetch.contents)
        effects.append(.takeOver(fetch.contents.header, first))
    }

    mutating func failed(isLie: Bool, at now: Instant, into effects: inout [Effect]) {
        let contents: SnapshotContents
        switch phase {
        case .fetching(let fetch) where opening == 0: contents = fetch.contents
        case .takingOver(let taken): contents = taken
        default: return
        }
        if isLie {
            let liars = offers.first { $0.contents == contents }?.peers ?? []
            for peer in liars { distrust(peer, at: now, into: &effects) }
        }
        drop(contents, at: now, into: &effects)
    }

    private mutating func drop(_ contents: SnapshotContents, at now: Instant, into effects: inout [Effect]) {
        dropped.insert(contents.header.chunkList)
        chooseAgain(at: now, into: &effects)
    }

    private mutating func chooseAgain(at now: Instant, into effects: inout [Effect]) {
        phase = .choosing
        asked.removeAll { $0.isForChunk }
        choose(at: now, into: &effects)
    }
}
