public import CairnBase
public import CairnConsensus
public import CairnLedger

/// Begins a chain from a snapshot that strangers hand over: what a node does that has nothing yet and is far behind.
///
/// Handoffs lead from genesis to the newest epoch that anybody can show. The last block but one of those they prove is
/// where the chain will begin: the header of the last names the state after it. Of every peer the contents of a snapshot
/// of that state are asked for; its chunks come from all who have the same, each checked with its hash. Only the whole
/// shows whether the entries have the root; if not, all who offered it lied, and the next offer is tried.
///
/// Each phase has its time. Whatever goes wrong ends in catching up block by block, which needs nobody to have a snapshot.
public struct SnapshotSync<Hash: HashFunction>: ProtocolCore {
    public enum Input: Sendable {
        case start
        case peerJoined(NodeID)
        case peerLeft(NodeID)
        case answered(HistoryAnswer, to: HistoryRequest, from: NodeID)
        /// Not in time, or not at all.
        case unanswered(HistoryRequest, by: NodeID)
        case followed(HandoffCheck)
        /// A file that was asked for is begun, or cannot be.
        case opened
        case notOpened
        /// The next chunk is in the file.
        case written
        /// Nothing comes of the file: those who offered it lied, or there is no place for it here.
        case failed(isLie: Bool)
        case timer
    }

    public enum Effect: Sendable, Equatable {
        case ask(HistoryRequest, of: NodeID)
        /// Check the signatures of handoffs and say how far they lead.
        case follow(LightClient, [Handoff], from: NodeID)
        /// Begin a file; what was written of another is nothing to anyone.
        case open(SnapshotContents)
        /// The next chunk of it.
        case write([UInt8])
        /// The file is whole: make a chain of it whose last block this handoff proves.
        case takeOver(SnapshotHeader, Handoff)
        case giveUp(Ending)
        case distrust(NodeID)
        case setTimer(at: Instant)
    }

    /// Why the chain does not begin from a snapshot.
    public enum Ending: Error, Sendable, Equatable {
        case nobodyThere
        /// Going through all blocks is no great effort.
        case shortChain(Height)
        case nobodyHasOne(Height)
        /// What is trusted is so old that its committee may have nothing to lose.
        case staleTrust(epochs: UInt64)
        /// Nobody showed a way to the checkpoint.
        case checkpointNotReached(Epoch)
    }

    /// What the owner wants.
    public struct Terms: Sendable {
        /// Fewer blocks than this are caught up with one by one.
        public let worthwhile: UInt64
        /// How many epochs the stake of whoever is trusted stays bound; nil: the owner vouches for them.
        public let boundEpochs: UInt64?

        public init(worthwhile: UInt64, boundEpochs: UInt64?) {
            self.worthwhile = worthwhile
            self.boundEpochs = boundEpochs
        }
    }

    enum Phase {
        case following
        /// Contents are asked for.
        case choosing
        case fetching(SnapshotFetch)
        case takingOver(SnapshotContents)
        case over
    }

    let hash: Hash
    let terms: Terms
    /// The epoch of those who are trusted without proof.
    let trusted: Epoch
    var guide: LightClient
    /// The newest two that hold, older first.
    var handoffs: [Handoff] = []
    /// What is being checked.
    var checking: [Handoff] = []
    /// Who is asked; whose turn for handoffs is next comes first.
    var peers: [NodeID] = []
    /// Who is asked when one of them leaves.
    private var spares: OrderedSet<NodeID> = []
    /// Peers that have no handoff beyond the guide.
    var exhausted: OrderedSet<NodeID> = []
    var asked: [Question] = []
    var offers: [SnapshotOffer] = []
    /// Lists of chunks that nothing came of.
    var dropped: OrderedSet<Digest> = []
    var phase = Phase.following
    /// When the phase is given up.
    var deadline = Instant.origin
    /// Until when more peers are waited for.
    var patient = Instant.origin
    /// Files that were ever asked for.
    var opened = 0
    /// Files that were asked for and not begun yet: what is written until then belongs to one before.
    var opening = 0
    /// The epoch that was the newest when nobody had a snapshot.
    var barren: Epoch?

    struct Question: Sendable {
        let peer: NodeID
        let request: HistoryRequest

        var isForChunk: Bool {
            if case .chunk = request { true } else { false }
        }
    }

    /// Peers that are asked; more would not make it faster.
    private static var peerLimit: Int { 16 }
    private static var spareLimit: Int { 64 }

    /// Starts from what the genesis says, or on the way to a checkpoint from there.
    public init(guide: LightClient, _ terms: Terms, hash: Hash) {
        self.guide = guide
        self.terms = terms
        self.hash = hash
        trusted = guide.landmark?.epoch ?? guide.epoch
    }

    /// How far it is: chunks in the file, and all there are.
    public var progress: (done: Int, all: Int)? {
        guard case .fetching(let fetch) = phase else { return nil }
        return (fetch.written, fetch.contents.chunks.count)
    }

    public mutating func handle(_ input: consuming Input, at now: Instant, into effects: inout [Effect]) {
        if case .over = phase { return }
        switch input {
        case .start:
            (patient, deadline) = (now + Self.patience, now + Self.followingTime)
            effects.append(.setTimer(at: now + Self.tick))
        case .timer: effects.append(.setTimer(at: now + Self.tick))
        case .peerJoined(let peer): join(peer, into: &effects)
        case .peerLeft(let peer): leave(peer, at: now, into: &effects)
        case .answered(let answer, let request, let peer):
            guard settle(request, peer) else { return }
            take(answer, to: request, from: peer, at: now, into: &effects)
        case .unanswered(let request, let peer):
            guard settle(request, peer) else { return }
            lacks(request, peer, at: now)
        case .followed(let check): followed(check, at: now, into: &effects)
        case .opened: opening = max(0, opening - 1)
        case .notOpened: notOpened(at: now, into: &effects)
        case .written: wrote(into: &effects)
        case .failed(let isLie): failed(isLie: isLie, at: now, into: &effects)
        }
        advance(at: now, into: &effects)
    }

    // MARK: Peers

    private mutating func join(_ peer: NodeID, into effects: inout [Effect]) {
        guard !peers.contains(peer) else { return }
        guard peers.count < Self.peerLimit else {
            if spares.count < Self.spareLimit { spares.insert(peer) }
            return
        }
        peers.insert(peer, at: 0)
        switch phase {
        case .choosing, .fetching, .takingOver:
            if let base { ask(.snapshot(base.height), of: peer, into: &effects) }
        case .following, .over: break
        }
    }

    private mutating func leave(_ peer: NodeID, at now: Instant, into effects: inout [Effect]) {
        for question in asked where question.peer == peer { lacks(question.request, peer, at: now) }
        asked.removeAll { $0.peer == peer }
        _ = exhausted.remove(peer)
        _ = spares.remove(peer)
        withdraw(peer)
        guard let place = peers.firstIndex(of: peer) else { return }
        peers.remove(at: place)
        if let next = spares.popFirst() { join(next, into: &effects) }
    }

    /// The peer has nothing of what it offered.
    private mutating func withdraw(_ peer: NodeID) {
        for place in offers.indices { offers[place].peers.removeAll { $0 == peer } }
        offers.removeAll { $0.peers.isEmpty }
        guard case .fetching(var fetch) = phase else { return }
        fetch.leave(peer)
        phase = .fetching(fetch)
    }

    mutating func distrust(_ peer: NodeID, at now: Instant, into effects: inout [Effect]) {
        leave(peer, at: now, into: &effects)
        effects.append(.distrust(peer))
    }

    // MARK: Questions

    mutating func ask(_ request: HistoryRequest, of peer: NodeID, into effects: inout [Effect]) {
        asked.append(Question(peer: peer, request: request))
        effects.append(.ask(request, of: peer))
    }

    /// False for an answer to nothing that was asked.
    private mutating func settle(_ request: HistoryRequest, _ peer: NodeID) -> Bool {
        guard let place = asked.firstIndex(where: { $0.peer == peer && $0.request == request }) else { return false }
        asked.remove(at: place)
        return true
    }

    private mutating func lacks(_ request: HistoryRequest, _ peer: NodeID, at now: Instant) {
        switch request {
        case .handoffs: exhausted.insert(peer)
        case .chunk(let number, let list):
            guard case .fetching(var fetch) = phase, fetch.contents.header.chunkList == list else { return }
            let mayHaveMore = fetch.missed(number, by: peer, at: now)
            phase = .fetching(fetch)
            if !mayHaveMore { withdraw(peer) }
        default: break
        }
    }

    private mutating func take(
        _ answer: HistoryAnswer, to request: HistoryRequest, from peer: NodeID, at now: Instant,
        into effects: inout [Effect]
    ) {
        switch (answer, request) {
        case (.handoffs(let found), .handoffs) where !found.isEmpty:
            checking = found
            effects.append(.follow(guide, found, from: peer))
        case (.snapshot(let contents), .snapshot):
            guard take(contents, from: peer) else { return distrust(peer, at: now, into: &effects) }
        case (.chunk(let bytes), .chunk(let number, let list)):
            guard case .fetching(var fetch) = phase, fetch.contents.header.chunkList == list else { return }
            guard fetch.contents.holds(bytes, at: Int(number), using: hash) else {
                lacks(request, peer, at: now)
                return distrust(peer, at: now, into: &effects)
            }
            fetch.take(bytes, number, from: peer)
            phase = .fetching(fetch)
        default:
            lacks(request, peer, at: now)
            distrust(peer, at: now, into: &effects)
        }
    }

    // MARK: Going on

    /// How often it looks at the time.
    private static var tick: TimeSpan { .seconds(1) }

    private mutating func advance(at now: Instant, into effects: inout [Effect]) {
        switch phase {
        case .following: follow(at: now, into: &effects)
        case .choosing: choose(at: now, into: &effects)
        case .fetching(let fetch): fetchMore(fetch, at: now, into: &effects)
        case .takingOver, .over: break
        }
    }

    mutating func end(_ ending: Ending, into effects: inout [Effect]) {
        phase = .over
        effects.append(.giveUp(ending))
    }
}

extension SnapshotSync.Ending: CustomStringConvertible {
    public var description: String {
        switch self {
        case .nobodyThere: "no peer answers yet"
        case .shortChain(let height): "only \(height) blocks are to be run"
        case .nobodyHasOne(let height): "no peer has a snapshot of height \(height)"
        case .staleTrust(let epochs):
            "what is trusted is \(epochs) epochs old, longer than stake stays bound; chain.checkpoint names something newer"
        case .checkpointNotReached(let epoch): "no peer leads to the checkpoint, of epoch \(epoch)"
        }
    }
}
