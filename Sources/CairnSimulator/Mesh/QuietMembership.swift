public import CairnBase
public import CairnGossip
import CairnWire

/// Membership in the large: how soon all know all and miss one that is gone, who is called dead wrongly, and what it
/// costs while nothing happens.
///
/// Real cores over links with delays drawn once for each pair; in the place of the sealed plane its sizes and its handshakes,
/// which may be lost and repeated like everything else. Signatures are vouched for. Everything follows from the seed.
public struct QuietMembership {
    public struct Setting: Sendable {
        public var nodes: Int
        public var seed: UInt64 = 1
        /// Of a thousand datagrams.
        public var lost: UInt64 = 0
        /// The last so many are stopped half of the time.
        public var slow = 0
        public var slowFor = TimeSpan.seconds(8)
        /// All start within this.
        public var startTime = TimeSpan.milliseconds(100)
        public var paces = MembershipSettings()

        public init(nodes: Int) { self.nodes = nodes }
    }

    public struct Counts: Sendable {
        /// Called dead while it was up: one that never stops, and one that does.
        public var falseDeaths = 0
        public var slowDeaths = 0
        /// All that left a node, with 42 bytes for the headers below each datagram.
        public var bytes: UInt64 = 0
    }

    private enum Event {
        case start(Int)
        case timer(Int)
        case question(from: Int, at: Int)
        case answer(from: Int, at: Int)
        case sealed([MembershipMessage], from: Int, at: Int)
    }

    private static let unixStart: UInt64 = 1_700_000_000_000
    private static let headers: UInt64 = 42
    private static let handshake: UInt64 = 512 + 200 + 2 * headers
    private static let session = TimeSpan.seconds(120)
    /// One way.
    private static let delays = TimeSpan.milliseconds(10)...TimeSpan.milliseconds(50)

    public private(set) var now = Instant.origin
    public private(set) var counts = Counts()
    /// What may change under way: loss, and who stands still.
    public var setting: Setting
    private let chain = ChainID(MixHash().digest(DomainTag("cn-sim/chain"), []).raw)
    private var random: SeededRandom
    private var nodes: [NodeID] = []
    // ORDER: looked up by node only.
    private var places: [NodeID: Int] = [:]
    private var cores: [Membership] = []
    private var queue = Scheduler<Event>()
    private var isDead: [Bool]
    /// Whom each node holds as alive or suspect, and how many such pairs there are of nodes that are up.
    private var present: [Set<Int>]
    private var pairs = 0
    /// How many that are up hold each node.
    private var held: [Int]
    // ORDER: looked up by pair only.
    private var sessions: [UInt64: Instant] = [:]
    private var suspicionsBefore: UInt64 = 0

    public init(_ setting: Setting) {
        self.setting = setting
        random = SeededRandom(seed: setting.seed)
        isDead = Array(repeating: false, count: setting.nodes)
        present = Array(repeating: [], count: setting.nodes)
        held = Array(repeating: 0, count: setting.nodes)
        for index in 0..<setting.nodes {
            let bytes = (0..<8).map { UInt8(truncatingIfNeeded: index >> (8 * $0)) }
            let node = NodeID(MixHash().digest(DomainTag("cn-sim/node"), bytes).raw)
            nodes.append(node)
            places[node] = index
            let core = Membership(
                own: record(index, sequence: Self.unixStart), chain: chain, unixMilliseconds: Self.unixStart,
                random: random.fork("core", UInt64(index)), settings: setting.paces, at: .origin)
            cores.append(core)
            let begin = TimeSpan(nanoseconds: random.below(setting.startTime.nanoseconds + 1))
            queue.schedule(.start(index), at: .origin + begin)
        }
    }

    // MARK: - What happens

    /// Until `end`, or until `isReached`; says when that was.
    @discardableResult
    public mutating func run(for span: TimeSpan, until isReached: (Self) -> Bool = { _ in false }) -> TimeSpan? {
        let begin = now
        let end = now + span
        while let (at, event) = queue.next(notAfter: end) {
            now = at
            carryOut(event)
            if isReached(self) { return now.since(begin) }
        }
        now = end
        return nil
    }

    /// Everybody who is up holds everybody else who is.
    public var allAgree: Bool {
        let up = isDead.count { !$0 }
        return pairs == up * (up - 1)
    }

    /// How many still hold a node, in whatever view.
    public func holders(of index: Int) -> Int { held[index] }

    /// Those who probe a node in turn: everybody who holds it, or where views are partial those whose neighbour it is.
    public func watchers(of index: Int) -> [Int] {
        cores.indices.filter { !isDead[$0] && present[$0].contains(index) && cores[$0].probes(nodes[index]) }
    }

    public func holds(_ observer: Int, _ subject: Int) -> Bool { present[observer].contains(subject) }

    public mutating func kill(_ index: Int) {
        pairs -= present[index].count { !isDead[$0] } + holders(of: index)
        for other in present[index] { held[other] -= 1 }
        isDead[index] = true
    }

    public mutating func forgetCounts() {
        suspicionsBefore += suspicions
        counts = Counts()
    }

    /// Since the counts were forgotten.
    public var suspicions: UInt64 { cores.reduce(0) { $0 + $1.counters.suspicions } - suspicionsBefore }

    private mutating func carryOut(_ event: Event) {
        let place: Int
        switch event {
        case .start(let index), .timer(let index), .question(_, let index), .answer(_, let index),
            .sealed(_, _, let index):
            place = index
        }
        guard !isDead[place] else { return }
        if let resumes = stopped(place) { return queue.schedule(event, at: resumes) }
        var outbox: OrderedMap<Int, [MembershipMessage]> = [:]
        switch event {
        case .start(let index):
            give(.start(seeds: [0, 1].filter { $0 != index }.map(endpoint)), to: index, &outbox)
        case .timer(let index): give(.timer, to: index, &outbox)
        case .question(let from, let index):
            count(9 + UInt64(cores[index].own.encoded.count))
            transmit(.answer(from: index, at: from), from: index, to: from)
        case .answer(let from, let index): introduce(from, to: index, &outbox)
        case .sealed(let messages, let from, let index):
            introduce(from, to: index, &outbox)
            for message in messages {
                give(.received(message, from: nodes[from], at: endpoint(from)), to: index, &outbox)
            }
        }
        for (target, messages) in outbox { seal(messages, from: place, to: target) }
    }

    /// A slow node is stopped in every other stretch, each from a moment of its own on; when it goes on.
    private func stopped(_ index: Int) -> Instant? {
        guard index >= setting.nodes - setting.slow, setting.slow > 0 else { return nil }
        let span = setting.slowFor.nanoseconds
        let time = now.nanoseconds + UInt64(index) * span / UInt64(setting.slow)
        return time / span % 2 == 0 ? nil : now + TimeSpan(nanoseconds: span - time % span)
    }

    private mutating func introduce(_ from: Int, to index: Int, _ outbox: inout OrderedMap<Int, [MembershipMessage]>) {
        guard cores[index].members[nodes[from]] == nil else { return }
        give(.introduced(vouched(cores[from].own), at: endpoint(from)), to: index, &outbox)
    }

    private mutating func give(
        _ input: MembershipInput, to index: Int, _ outbox: inout OrderedMap<Int, [MembershipMessage]>
    ) {
        var effects: [MembershipEffect] = []
        cores[index].handle(input, at: now, into: &effects)
        for effect in effects {
            switch effect {
            case .send(let message, let node):
                if let place = places[node] { outbox[place, default: []].append(message) }
            case .check(let record, let informant):
                give(.checked(vouched(record), from: informant), to: index, &outbox)
            case .contact: break
            case .forget(let node): note(node, isPresent: false, at: index)
            case .ask(let endpoint):
                guard let place = place(of: endpoint) else { continue }
                count(512)
                transmit(.question(from: index, at: place), from: index, to: place)
            case .sign(let sequence): give(.signed(record(index, sequence: sequence)), to: index, &outbox)
            case .changed(let node, _, let state):
                if state == .dead { judge(node) }
                note(node, isPresent: state == .alive || state == .suspect, at: index)
            case .setTimer(let at): queue.schedule(.timer(index), at: at)
            }
        }
    }

    private mutating func judge(_ node: NodeID) {
        guard let place = places[node], !isDead[place] else { return }
        if place >= setting.nodes - setting.slow { counts.slowDeaths += 1 } else { counts.falseDeaths += 1 }
    }

    private mutating func note(_ node: NodeID, isPresent: Bool, at index: Int) {
        guard let place = places[node], present[index].contains(place) != isPresent else { return }
        if isPresent { present[index].insert(place) } else { present[index].remove(place) }
        held[place] += isPresent ? 1 : -1
        if !isDead[place] { pairs += isPresent ? 1 : -1 }
    }

    // MARK: - The plane

    /// What goes to one peer in one turn shares datagrams. The first of a session wait for its handshake.
    private mutating func seal(_ messages: [MembershipMessage], from index: Int, to target: Int) {
        let pair = UInt64(min(index, target)) << 32 | UInt64(max(index, target))
        var wait = TimeSpan.zero
        if sessions[pair].map({ now.since($0) > Self.session }) ?? true {
            var pause = TimeSpan.milliseconds(250)
            // Both of its datagrams must come through.
            while isLost() || isLost() {
                counts.bytes += Self.handshake
                wait = wait + pause
                pause = pause * 2
                guard pause < .seconds(4) else { return }
            }
            // Rekeying happens beside the old session.
            if sessions[pair] == nil { wait = wait + delay(index, target) * 2 }
            sessions[pair] = now
            counts.bytes += Self.handshake
        }
        var batch: [MembershipMessage] = []
        var size = 0
        for message in messages {
            let length = 3 + message.encoded.count
            if size + length > 1_171 {
                transmit(batch, size, from: index, to: target, after: wait)
                (batch, size) = ([], 0)
            }
            batch.append(message)
            size += length
        }
        transmit(batch, size, from: index, to: target, after: wait)
    }

    private mutating func transmit(
        _ batch: [MembershipMessage], _ size: Int, from index: Int, to target: Int, after wait: TimeSpan
    ) {
        count(UInt64((size + 15) / 16 * 16 + 29))
        transmit(.sealed(batch, from: index, at: target), from: index, to: target, after: wait)
    }

    private mutating func transmit(_ event: Event, from index: Int, to target: Int, after wait: TimeSpan = .zero) {
        guard !isLost() else { return }
        queue.schedule(event, at: now + wait + delay(index, target))
    }

    private mutating func count(_ bytes: UInt64) {
        counts.bytes += bytes + Self.headers
    }

    private mutating func isLost() -> Bool { setting.lost > 0 && random.below(1_000) < setting.lost }

    /// The same for a pair, always.
    private func delay(_ one: Int, _ other: Int) -> TimeSpan {
        let pair = UInt64(min(one, other)) << 32 | UInt64(max(one, other))
        var draw = SeededRandom(seed: setting.seed ^ pair &* 0x9e37_79b9_7f4a_7c15)
        let (least, most) = (Self.delays.lowerBound.nanoseconds, Self.delays.upperBound.nanoseconds)
        return TimeSpan(nanoseconds: least + draw.below(most - least + 1))
    }

    // MARK: - Who is where

    private func endpoint(_ index: Int) -> Endpoint { .simulated(index) }

    private func place(of endpoint: Endpoint) -> Int? {
        endpoint.simulatedIndex.flatMap { $0 < setting.nodes ? $0 : nil }
    }

    private func record(_ index: Int, sequence: UInt64) -> NodeRecord {
        let content = NodeRecord.Content(
            chain: chain, node: nodes[index], datagramKey: nodes[index].raw, sequence: sequence,
            addresses: [endpoint(index)])
        return NodeRecord(content, signature: Signature(r: .zero, s: .zero))
    }

    private func vouched(_ record: NodeRecord) -> Verified<NodeRecord> {
        Verified(vouchedFor: record, signer: record.node.key)
    }
}
