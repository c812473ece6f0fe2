public import CairnBase
import CairnConsensus

/// Catches up with a chain that is ahead: by three blocks or by three days, in one way.
///
/// Handoffs prove the last block of each epoch, whoever they come from. From every proven block headers are fetched
/// downwards to the next known one, and then payloads, each from whichever peer is free; whatever does not fit a digest
/// shows a liar. Blocks are handed on in the order of their heights, no further ahead of execution than a window, so that
/// a fast network does not fill the memory of a slow disk.
struct ChainSync<Hash: HashFunction>: Sendable {
    enum Step: Sendable {
        case ask(NodeID, HistoryRequest)
        /// Check the signatures of handoffs and say how far they lead.
        case follow(LightClient, [Handoff], from: NodeID)
        /// The next block, and the proof of it where it was the proven one.
        case block(Block, VerifiedFinality?)
        case distrust(NodeID)
        /// What a quorum signed contradicts what is final here.
        case fork
    }

    private struct Question: Sendable {
        let peer: NodeID
        let request: HistoryRequest
        let bytes: Int
    }

    private let hash: Hash
    private(set) var guide: LightClient
    /// Lowest first, each from where the one before ends.
    private var stretches: [Stretch] = []
    private var questions: [Question] = []
    private var isFollowing = false
    /// The epoch up to which handoffs are wanted, whatever peers say: a quorum signed in the one before it.
    private var wantedThrough: Epoch
    /// The highest block handed on, here or by consensus.
    private var tip: Height
    private var tipBlock: Digest
    private var executed: Height
    private var bytesHeld = 0

    /// Starts from a block that is handed on to execution already.
    init(guide: LightClient, from height: Height, _ block: Digest, executed: Height, hash: Hash) {
        self.guide = guide
        self.hash = hash
        wantedThrough = guide.epoch
        (tip, tipBlock) = (height, block)
        self.executed = executed
    }

    var isIdle: Bool { stretches.isEmpty && questions.isEmpty && !isFollowing }

    /// The highest block that a quorum is known to have made final, and that of which peers say so. A claim costs nothing, so it is
    /// for showing only.
    func target(claimed: Epoch) -> SyncTarget {
        let proven = max(tip, stretches.last?.target.header.height ?? tip, end(before: wantedThrough))
        return SyncTarget(proven: proven, claimed: max(proven, end(before: claimed)))
    }

    private func end(before epoch: Epoch) -> Height {
        epoch.number > 0 ? guide.lastHeight(of: Epoch(epoch.number - 1)) ?? .genesis : .genesis
    }

    /// Handoffs are needed up to the committee of this epoch.
    mutating func want(through epoch: Epoch) { wantedThrough = max(wantedThrough, epoch) }

    /// A block is proven: what lies below it is to be fetched.
    mutating func extend(to target: VerifiedFinality) -> [Step] {
        let (base, block) = stretches.last.map { ($0.target.header.height, $0.target.digest) } ?? (tip, tipBlock)
        guard var stretch = Stretch(from: base, block, to: target) else { return [] }
        guard stretch.completeIfWhole() == .good else { return [.fork] }
        stretches.append(stretch)
        return []
    }

    /// Handoffs were checked: these hold, and lead to `guide`.
    mutating func followed(_ found: [VerifiedFinality], _ guide: LightClient) -> [Step] {
        isFollowing = false
        // Of an epoch that came to its end here meanwhile, they are nothing new.
        guard guide.epoch > self.guide.epoch else { return [] }
        self.guide = guide
        return found.flatMap { extend(to: $0) }
    }

    /// Asks all that can be asked now, and hands on all that is whole.
    mutating func advance(_ peers: inout SyncPeers, executed: Height, at now: Instant) -> [Step] {
        self.executed = max(self.executed, executed)
        var steps = deliver()
        askForHandoffs(&peers, at: now, &steps)
        askForHeaders(&peers, at: now, &steps)
        askForPayloads(&peers, at: now, &steps)
        return steps
    }

    /// Takes an answer from whoever was asked for it.
    mutating func receive(
        _ answer: HistoryAnswer, to request: HistoryRequest, from peer: NodeID, _ peers: inout SyncPeers,
        at now: Instant
    ) -> [Step] {
        guard let question = remove(request, by: peer) else { return [] }
        switch take(answer, for: question) {
        case .good:
            peers.answered(peer)
            if case .handoffs(let handoffs) = answer {
                isFollowing = true
                return [.follow(guide, handoffs, from: peer)]
            }
            return []
        case .untrue: return distrust(peer, &peers, at: now)
        case .fork: return [.fork]
        }
    }

    /// A peer told something false: nothing more is asked of it, and what it was asked is asked of others.
    mutating func distrust(_ peer: NodeID, _ peers: inout SyncPeers, at now: Instant) -> [Step] {
        peers.lied(peer, at: now)
        forget(peer)
        return [.distrust(peer)]
    }

    /// A peer is gone.
    mutating func forget(_ peer: NodeID) {
        for question in questions where question.peer == peer { abandon(question) }
        questions.removeAll { $0.peer == peer }
    }

    /// A peer took too long, or does not have what it was asked for.
    mutating func unanswered(
        _ request: HistoryRequest, by peer: NodeID, _ peers: inout SyncPeers, at now: Instant
    ) {
        guard let question = remove(request, by: peer) else { return }
        abandon(question)
        peers.disappointed(peer, at: now)
    }

    private mutating func remove(_ request: HistoryRequest, by peer: NodeID) -> Question? {
        let place = questions.firstIndex { $0.peer == peer && $0.request == request }
        return place.map { questions.remove(at: $0) }
    }
}

extension ChainSync {
    private mutating func deliver() -> [Step] {
        var steps: [Step] = []
        while let block = stretches.first?.block(at: tip.next),
            tip.number - min(tip.number, executed.number) < Ahead.blocks
        {
            let isLast = tip.next == stretches[0].target.header.height
            steps.append(.block(block, isLast ? stretches[0].target : nil))
            stretches[0].drop(tip.next)
            bytesHeld -= block.payload.bytes.count
            tip = tip.next
            if isLast { tipBlock = stretches.removeFirst().target.digest }
        }
        return steps
    }

    private mutating func ask(
        _ request: HistoryRequest, _ bytes: Int, of peer: NodeID, _ steps: inout [Step]
    ) {
        questions.append(Question(peer: peer, request: request, bytes: bytes))
        steps.append(.ask(peer, request))
    }

    private mutating func askForHandoffs(_ peers: inout SyncPeers, at now: Instant, _ steps: inout [Step]) {
        let isAsking = questions.contains { if case .handoffs = $0.request { true } else { false } }
        guard !isAsking, !isFollowing, stretches.count < Ahead.stretches else { return }
        let next = guide.epoch.next
        var peer: NodeID?
        if peers.furthestClaim(at: now) >= next { peer = peers.pick(claiming: next, at: now) }
        if peer == nil, wantedThrough >= next { peer = peers.pick(at: now) }
        if let peer { ask(.handoffs(from: guide.epoch), 0, of: peer, &steps) }
    }

    private mutating func askForHeaders(_ peers: inout SyncPeers, at now: Instant, _ steps: inout [Step]) {
        for place in stretches.indices.prefix(Ahead.headers) {
            guard let request = stretches[place].wantedHeaders else { continue }
            guard let peer = peers.pick(at: now) else { return }
            stretches[place].isAsking = true
            ask(request, 0, of: peer, &steps)
        }
    }

    private mutating func askForPayloads(_ peers: inout SyncPeers, at now: Instant, _ steps: inout [Step]) {
        let limit = tip.advanced(by: 2 * Ahead.blocks)
        for place in stretches.indices.prefix(Ahead.headers) where stretches[place].hasAllHeaders {
            while bytesHeld < Ahead.bytes, stretches[place].wantsPayloads(upTo: limit), let peer = peers.pick(at: now) {
                guard let (request, bytes) = stretches[place].wantPayloads(upTo: limit) else { break }
                bytesHeld += bytes
                ask(request, bytes, of: peer, &steps)
            }
        }
    }

    private mutating func take(_ answer: HistoryAnswer, for question: Question) -> Stretch.Joined {
        switch (answer, question.request) {
        case (.handoffs(let handoffs), .handoffs): return handoffs.isEmpty ? .untrue : .good
        case (.headers(let headers), .headers(let last, let count)):
            guard let place = stretches.firstIndex(where: { $0.contains(last) }) else { return .good }
            stretches[place].isAsking = false
            return headers.count == count ? stretches[place].join(headers, using: hash) : .untrue
        case (.payloads(let payloads), .payloads(let first, let count)):
            guard let place = stretches.firstIndex(where: { $0.contains(first) }),
                stretches[place].join(payloads, from: first, count: count, using: hash)
            else {
                abandon(question)
                return .untrue
            }
            return .good
        default:
            abandon(question)
            return .untrue
        }
    }

    private mutating func abandon(_ question: Question) {
        bytesHeld -= question.bytes
        switch question.request {
        case .headers(let last, _):
            if let place = stretches.firstIndex(where: { $0.contains(last) }) { stretches[place].isAsking = false }
        case .payloads(let first, let count):
            if let place = stretches.firstIndex(where: { $0.contains(first) }) {
                stretches[place].release(first, count)
            }
        case .block, .handoffs, .receipts, .snapshot, .chunk: break
        }
    }
}

/// Up to where there is something to catch up with.
public struct SyncTarget: Sendable, Equatable {
    public let proven: Height
    /// By whoever says to be furthest; no lower than what is proven.
    public let claimed: Height

    public init(proven: Height, claimed: Height) { (self.proven, self.claimed) = (proven, max(proven, claimed)) }
}

/// How far catching up runs ahead of what is executed.
private enum Ahead {
    static let stretches = 32
    /// Stretches whose headers and payloads are fetched at once.
    static let headers = 8
    /// Blocks handed on before the oldest of them is executed.
    static let blocks: UInt64 = 512
    /// Payloads on their way or waiting.
    static let bytes = 32 << 20
}
