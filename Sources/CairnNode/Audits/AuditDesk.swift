public import CairnBase
public import CairnStorage
import CairnWire
public import CairnWitness

public enum AuditDeskInput: Sendable {
    /// It is the turn of a witness of this node; its nonce, and the proof of it.
    case ask(StorageAudit, as: AuditParty, within: TimeSpan, proof: VRFProof, nonce: Digest)
    /// A question went out.
    case sent(ticket: UInt64)
    /// It did not, for its provider is not connected, or busy; whether it is being dialled now.
    case unsent(ticket: UInt64, isDialled: Bool)
    case answered(AuditAnswer, ticket: UInt64)
    case timer(AuditTimer)
}

/// What came back, as the edge found it.
public enum AuditAnswer: Sendable {
    /// With whether the provider has signed where its leaves lead: `AuditDesk.end` says what that is.
    case shown(ShardAnswer, isSigned: Bool)
    case unreadable
    /// The provider is busy, says that it has nothing, or is gone.
    case nothing
}

public enum AuditTimer: Sendable, Hashable {
    case over(ticket: UInt64)
    case again(ticket: UInt64)
}

public enum AuditDeskEffect: Sendable {
    /// Ask, and answer `sent` or `unsent`; where nobody is connected, dial if `dials`.
    case ask(ShardQuestion, of: NodeID, ticket: UInt64, dials: Bool)
    /// Nobody waits for the answer any more.
    case cancel(ticket: UInt64)
    /// Nothing more is asked of a provider for now.
    case leave(NodeID)
    /// Sign it as that witness and publish it.
    case say(WalkReceipt, of: StorageAudit, as: AuditParty)
    case setTimer(AuditTimer, at: Instant)
}

/// A node's part as a witness of hot storage: when it is the turn of one of its resources, it asks, and says what it saw.
/// Nothing is said of a provider that could not be asked.
public struct AuditDesk<Hash: HashFunction>: ProtocolCore {
    public typealias Input = AuditDeskInput
    public typealias Effect = AuditDeskEffect

    /// Questions to one provider, in the order of their turn; the first few are on their way.
    private struct Queue {
        var open: [UInt64] = []
        var waiting: [UInt64] = []
    }

    private let chain: ChainID
    private let hash: Hash
    private var talks = OrderedMap<UInt64, AuditTalk>()
    private var queues = OrderedMap<NodeID, Queue>()
    private var nextTicket: UInt64 = 1
    /// By what was seen, in the order of `WalkResult.allCases`.
    private var results = [UInt64](repeating: 0, count: WalkResult.allCases.count)
    public private(set) var dropped: UInt64 = 0
    /// Of providers that could not be asked, which says nothing of them.
    public private(set) var unasked: UInt64 = 0

    /// As many as may be under way with one peer at a time.
    private static var openMax: Int { 2 }
    private static var waitingMax: Int { 1_024 }
    /// Between two tries while the provider is busy, or not connected just then.
    private static var pause: TimeSpan { .milliseconds(200) }
    /// Every so many tries that found no connection, one is asked for.
    private static var triesPerVisit: Int { 5 }

    public init(chain: ChainID, hash: Hash) {
        self.chain = chain
        self.hash = hash
    }

    public var seen: [(result: WalkResult, count: UInt64)] { Array(zip(WalkResult.allCases, results)) }

    /// Whether something is asked of a provider, or waits for that.
    public func isBusy(with provider: NodeID) -> Bool { queues[provider] != nil }

    /// How many questions to a provider are under way.
    public func openCount(with provider: NodeID) -> Int { queues[provider]?.open.count ?? 0 }

    public mutating func handle(_ input: consuming Input, at now: Instant, into effects: inout [Effect]) {
        switch input {
        case .ask(let audit, let witness, let deadline, let proof, let nonce):
            // What is sealed is walked over, which is asked otherwise.
            guard let shard = audit.shard else { break }
            enter(
                AuditTalk(
                    audit: audit, witness: witness, shard: shard,
                    question: audit.question(about: shard, of: witness, nonce: nonce), proof: proof, deadline: deadline),
                at: now, into: &effects)
        case .sent(let ticket):
            talks[ticket]?.isAsked = true
            talks[ticket]?.attempt?.reach(at: now)
        case .unsent(let ticket, let isDialled):
            if isDialled { talks[ticket]?.attempt?.reach(at: now) }
            talks[ticket]?.unreached += 1
            askLater(ticket, at: now, into: &effects)
        case .answered(let answer, let ticket):
            talks[ticket]?.isAsked = false
            hear(answer, ticket, at: now, into: &effects)
        case .timer(.again(let ticket)): ask(ticket, into: &effects)
        case .timer(.over(let ticket)):
            end(
                ticket, talks[ticket]?.attempt?.wasFair == true ? AuditTalk.Outcome() : nil, at: now, into: &effects)
        }
    }

    /// What the provider must have signed, and who it is.
    public func end(of answer: ShardAnswer, to ticket: UInt64) -> (end: ShownEnd, signer: PublicKey)? {
        guard let talk = talks[ticket] else { return nil }
        let walk = talk.question.round.walk(on: chain)
        let last = answer.shown.end(from: walk.start(using: hash), using: hash)
        return (
            ShownEnd(signedBody: walk.signedBody(last: last), signature: answer.signature), talk.audit.provider.device
        )
    }

    private mutating func enter(_ talk: AuditTalk, at now: Instant, into effects: inout [Effect]) {
        let provider = talk.provider
        var queue = queues[provider] ?? Queue()
        guard queue.waiting.count < Self.waitingMax else { return dropped += 1 }
        talks[nextTicket] = talk
        queue.waiting.append(nextTicket)
        queues[provider] = queue
        nextTicket += 1
        next(provider, at: now, into: &effects)
    }

    private mutating func next(_ provider: NodeID, at now: Instant, into effects: inout [Effect]) {
        guard var queue = queues[provider] else { return }
        var started: [UInt64] = []
        while queue.open.count < Self.openMax, !queue.waiting.isEmpty {
            let ticket = queue.waiting.removeFirst()
            queue.open.append(ticket)
            started.append(ticket)
        }
        queues[provider] = queue
        for ticket in started {
            guard let deadline = talks[ticket]?.deadline else { continue }
            talks[ticket]?.attempt = Attempt(begin: now, within: deadline)
            effects.append(.setTimer(.over(ticket: ticket), at: now + deadline))
            ask(ticket, into: &effects)
        }
        guard queue.open.isEmpty else { return }
        queues[provider] = nil
        effects.append(.leave(provider))
    }

    private func ask(_ ticket: UInt64, into effects: inout [Effect]) {
        guard let talk = talks[ticket], !talk.isAsked else { return }
        let dials = talk.unreached.isMultiple(of: Self.triesPerVisit)
        effects.append(.ask(talk.question, of: talk.provider, ticket: ticket, dials: dials))
    }

    private func askLater(_ ticket: UInt64, at now: Instant, into effects: inout [Effect]) {
        guard talks[ticket] != nil else { return }
        effects.append(.setTimer(.again(ticket: ticket), at: now + Self.pause))
    }

    private mutating func hear(
        _ answer: AuditAnswer, _ ticket: UInt64, at now: Instant, into effects: inout [Effect]
    ) {
        guard let talk = talks[ticket] else { return }
        var outcome = AuditTalk.Outcome()
        switch answer {
        // It says itself that it has nothing to show, and may have in a moment.
        case .nothing: return askLater(ticket, at: now, into: &effects)
        case .unreadable: outcome.result = .badPath
        // What nobody has signed was not shown.
        case .shown(_, isSigned: false): break
        case .shown(let shown, isSigned: true):
            let walk = talk.question.round.walk(on: chain)
            outcome.result = shown.result(
                answering: talk.question, ofShards: Int(talk.shard.count), on: chain, using: hash)
            outcome.last = shown.shown.end(from: walk.start(using: hash), using: hash)
            outcome.answer = shown.signature
        }
        end(ticket, outcome, at: now, into: &effects)
    }

    private mutating func end(
        _ ticket: UInt64, _ outcome: AuditTalk.Outcome?, at now: Instant, into effects: inout [Effect]
    ) {
        guard let talk = talks.removeValue(forKey: ticket) else { return }
        if talk.isAsked { effects.append(.cancel(ticket: ticket)) }
        queues[talk.provider]?.open.removeAll { $0 == ticket }
        if let outcome {
            if let place = WalkResult.allCases.firstIndex(of: outcome.result) { results[place] += 1 }
            effects.append(.say(talk.receipt(outcome, at: now), of: talk.audit, as: talk.witness))
        } else {
            unasked += 1
        }
        next(talk.provider, at: now, into: &effects)
    }
}
