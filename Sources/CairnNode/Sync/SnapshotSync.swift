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
/// Whatever goes wrong ends in catching up block by block, which needs nobody to have a snapshot.
public struct SnapshotSync<Hash: HashFunction>: ProtocolCore {
    public enum Input: Sendable {
        case start
        case peerJoined(NodeID)
        case peerLeft(NodeID)
        case answered(HistoryAnswer, to: HistoryRequest, from: NodeID)
        /// Not in time, or not at all.
        case unanswered(HistoryRequest, by: NodeID)
        case followed(HandoffCheck)
        /// The next chunk is in the file.
        case written
        /// The entries of the whole file do not have the root that its header says.
        case refused
        case timer
    }

    public enum Effect: Sendable, Equatable {
        case ask(HistoryRequest, of: NodeID)
        /// Check the signatures of handoffs and say how far they lead.
        case follow(LightClient, [Handoff], from: NodeID)
        /// Begin a file.
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
    public enum Ending: Sendable, Equatable {
        case nobodyThere
        /// Going through all blocks is no great effort.
        case shortChain(Height)
        case nobodyHasOne(Height)
    }

    enum Phase: Equatable {
        case following
        /// Contents are asked for.
        case choosing
        case fetching(SnapshotFetch)
        case takingOver
        case over
    }

    let hash: Hash
    /// Fewer blocks than this are caught up with one by one.
    let worthwhile: UInt64
    private(set) var guide: LightClient
    /// The newest two that hold, older first.
    private var handoffs: [Handoff] = []
    /// What is being checked.
    private var checking: [Handoff] = []
    private var peers: OrderedSet<NodeID> = []
    /// Peers that have no handoff beyond the guide.
    private var exhausted: OrderedSet<NodeID> = []
    private var asked: [Question] = []
    private var offers: [SnapshotOffer] = []
    private(set) var phase = Phase.following
    /// What a chain is being made of.
    private var taken: SnapshotContents?

    private struct Question: Sendable {
        let peer: NodeID
        let request: HistoryRequest
    }

    /// Peers that are asked; more would not make it faster.
    private static var peerLimit: Int { 16 }
    /// How long to wait for the first of them.
    private static var patience: TimeSpan { .seconds(5) }

    /// Starts from what the genesis says: its founders may sign the first epoch.
    public init(guide: LightClient, worthwhile: UInt64, hash: Hash) {
        self.guide = guide
        self.worthwhile = worthwhile
        self.hash = hash
    }

    /// How far it is: chunks in the file, and all there are.
    public var progress: (done: Int, all: Int)? {
        guard case .fetching(let fetch) = phase else { return nil }
        return (fetch.written, fetch.contents.chunks.count)
    }

    public mutating func handle(_ input: consuming Input, at now: Instant, into effects: inout [Effect]) {
        guard phase != .over else { return }
        switch input {
        case .start: effects.append(.setTimer(at: now + Self.patience))
        case .timer: if peers.isEmpty, phase == .following { end(.nobodyThere, into: &effects) }
        case .peerJoined(let peer):
            guard peers.count < Self.peerLimit else { return }
            peers.insert(peer)
        case .peerLeft(let peer): leave(peer)
        case .answered(let answer, let request, let peer):
            guard settle(request, peer) else { return }
            take(answer, to: request, from: peer, into: &effects)
        case .unanswered(let request, let peer):
            guard settle(request, peer) else { return }
            lacks(request, peer)
        case .followed(let check): followed(check, into: &effects)
        case .written: wrote(into: &effects)
        case .refused: refused(into: &effects)
        }
        advance(into: &effects)
    }

    // MARK: Questions

    private mutating func ask(_ request: HistoryRequest, of peer: NodeID, into effects: inout [Effect]) {
        asked.append(Question(peer: peer, request: request))
        effects.append(.ask(request, of: peer))
    }

    /// False for an answer to nothing that was asked.
    private mutating func settle(_ request: HistoryRequest, _ peer: NodeID) -> Bool {
        guard let place = asked.firstIndex(where: { $0.peer == peer && $0.request == request }) else { return false }
        asked.remove(at: place)
        return true
    }

    private mutating func leave(_ peer: NodeID) {
        for question in asked where question.peer == peer { lacks(question.request, peer) }
        asked.removeAll { $0.peer == peer }
        _ = peers.remove(peer)
        _ = exhausted.remove(peer)
        for place in offers.indices { offers[place].leave(peer) }
    }

    private mutating func lacks(_ request: HistoryRequest, _ peer: NodeID) {
        switch request {
        case .handoffs: exhausted.insert(peer)
        case .chunk(let number, _):
            guard case .fetching(var fetch) = phase else { return }
            fetch.missed(number, by: peer)
            phase = .fetching(fetch)
        default: break
        }
    }

    private mutating func distrust(_ peer: NodeID, into effects: inout [Effect]) {
        leave(peer)
        effects.append(.distrust(peer))
    }

    // MARK: Answers

    private mutating func take(
        _ answer: HistoryAnswer, to request: HistoryRequest, from peer: NodeID, into effects: inout [Effect]
    ) {
        switch (answer, request) {
        case (.handoffs(let found), .handoffs) where !found.isEmpty:
            checking = found
            effects.append(.follow(guide, found, from: peer))
        case (.snapshot(let contents), .snapshot):
            guard isWanted(contents) else { return distrust(peer, into: &effects) }
            if let place = offers.firstIndex(where: { $0.contents == contents }) {
                offers[place].peers.append(peer)
            } else {
                offers.append(SnapshotOffer(contents: contents, peers: [peer]))
            }
        case (.chunk(let bytes), .chunk(let number, _)):
            guard case .fetching(var fetch) = phase else { return }
            guard fetch.contents.holds(bytes, at: Int(number), using: hash) else {
                fetch.missed(number, by: peer)
                phase = .fetching(fetch)
                return distrust(peer, into: &effects)
            }
            fetch.take(bytes, number)
            phase = .fetching(fetch)
        default:
            lacks(request, peer)
            distrust(peer, into: &effects)
        }
    }

    private mutating func followed(_ check: HandoffCheck, into effects: inout [Effect]) {
        handoffs = (handoffs + checking.prefix(check.found.count)).suffix(2)
        checking = []
        if check.guide.epoch > guide.epoch {
            guide = check.guide
            exhausted = []
        }
        if !check.isWhole { distrust(check.peer, into: &effects) }
    }

    /// The state after the first of the two newest handoffs' blocks, as the header of the second names it.
    private var base: (height: Height, block: Digest, root: Digest)? {
        guard handoffs.count == 2 else { return nil }
        let header = handoffs[0].last.header
        return (header.height, header.digest(using: hash), handoffs[1].last.header.startState)
    }

    private func isWanted(_ contents: SnapshotContents) -> Bool {
        guard let base else { return false }
        let header = contents.header
        return !contents.chunks.isEmpty && header.chain == guide.chain && header.height == base.height
            && header.block == base.block
            && header.root == base.root && contents.isWhole(using: hash)
    }

    // MARK: Going on

    private mutating func advance(into effects: inout [Effect]) {
        switch phase {
        case .following: follow(into: &effects)
        case .choosing: choose(into: &effects)
        case .fetching(let fetch): fetchMore(fetch, into: &effects)
        case .takingOver, .over: break
        }
    }

    /// One peer at a time is asked what comes next, until nobody has anything.
    private mutating func follow(into effects: inout [Effect]) {
        guard checking.isEmpty, asked.isEmpty, !peers.isEmpty else { return }
        if let peer = peers.first(where: { !exhausted.contains($0) }) {
            return ask(.handoffs(from: guide.epoch), of: peer, into: &effects)
        }
        guard let base, base.height.number >= worthwhile else {
            return end(.shortChain(guide.last?.header.height ?? .genesis), into: &effects)
        }
        phase = .choosing
        for peer in peers { ask(.snapshot(base.height), of: peer, into: &effects) }
    }

    /// What most peers have comes first. Offers of one state differ only if somebody lies, or has another version.
    private mutating func choose(into effects: inout [Effect]) {
        guard asked.isEmpty else { return }
        offers.removeAll { $0.peers.isEmpty }
        guard let best = offers.indices.max(by: { offers[$0].peers.count < offers[$1].peers.count }) else {
            return end(.nobodyHasOne(base?.height ?? .genesis), into: &effects)
        }
        effects.append(.open(offers[best].contents))
        phase = .fetching(SnapshotFetch(offers[best].contents))
        advance(into: &effects)
    }

    private mutating func fetchMore(_ fetch: SnapshotFetch, into effects: inout [Effect]) {
        guard let offer = offers.first(where: { $0.contents == fetch.contents }), !offer.peers.isEmpty else {
            phase = .choosing
            asked = []
            return choose(into: &effects)
        }
        var fetch = fetch
        while let bytes = fetch.next() { effects.append(.write(bytes)) }
        for peer in offer.peers {
            while asked.count(where: { $0.peer == peer }) < SyncPeers.perPeer, let number = fetch.want() {
                ask(.chunk(number, of: fetch.contents.header.chunkList), of: peer, into: &effects)
            }
        }
        // Who did not answer too often is asked no more.
        for peer in fetch.unreliable {
            for place in offers.indices { offers[place].leave(peer) }
        }
        phase = .fetching(fetch)
    }

    private mutating func wrote(into effects: inout [Effect]) {
        guard case .fetching(var fetch) = phase, let first = handoffs.first else { return }
        fetch.written += 1
        guard fetch.written == fetch.contents.chunks.count else { return phase = .fetching(fetch) }
        phase = .takingOver
        effects.append(.takeOver(fetch.contents.header, first))
        taken = fetch.contents
    }

    private mutating func refused(into effects: inout [Effect]) {
        guard phase == .takingOver, let taken else { return }
        for peer in offers.first(where: { $0.contents == taken })?.peers ?? [] { distrust(peer, into: &effects) }
        phase = .choosing
    }

    private mutating func end(_ ending: Ending, into effects: inout [Effect]) {
        phase = .over
        effects.append(.giveUp(ending))
    }
}

/// A snapshot, and who has it.
struct SnapshotOffer: Sendable {
    let contents: SnapshotContents
    var peers: [NodeID]

    mutating func leave(_ peer: NodeID) { peers.removeAll { $0 == peer } }
}

extension SnapshotSync.Ending: CustomStringConvertible {
    public var description: String {
        switch self {
        case .nobodyThere: "no peer answers yet"
        case .shortChain(let height): "only \(height) blocks are to be run"
        case .nobodyHasOne(let height): "no peer has a snapshot of height \(height)"
        }
    }
}
