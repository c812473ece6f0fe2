public import CairnBase
import CairnWire

/// What a node does for the shards that the chain has given it: learns what they are, makes those that are not there from
/// others, says that they are, and watches over those of the other holders.
///
/// Nobody tells it to repair. A holder that was drawn for a lost shard finds a duty without a piece, and so does one whose
/// disk changed a bit; both do the same. The block is the clock: a holder that is away while the chain stands still misses
/// nothing.
public struct Custody<Hash: HashFunction>: ProtocolCore {
    public typealias Input = CustodyInput
    public typealias Effect = CustodyEffect

    /// Bounds, and patience in blocks.
    public struct Settings: Sendable {
        /// More duties than this are not looked after.
        public var duties = 4_096
        public var makingsAtOnce = 2
        public var probesAtOnce = 16
        /// Before something that led to nothing is tried again.
        public var retry: UInt64 = 8
        /// How often another holder is asked within a grace.
        public var probesPerGrace: UInt64 = 8

        public init() {}
    }

    public struct Counters: Sendable, Equatable {
        public var probes: UInt64 = 0
        public var failedProbes: UInt64 = 0
        public var made: UInt64 = 0
        public var failedMakings: UInt64 = 0
        public var damaged: UInt64 = 0
        public var misses: UInt64 = 0
        /// Duties beyond the bound, and lists that were not what the chain says.
        public var refused: UInt64 = 0
    }

    private let hash: Hash
    private let settings: Settings
    private var random: SeededRandom
    private var head = Height.genesis
    private var shards = OrderedMap<Digest, Ward>()
    /// By the roots of what is made.
    private var making: OrderedSet<Digest> = []
    private var openProbes = 0
    public private(set) var counters = Counters()

    public init(seed: UInt64, settings: Settings = Settings(), hash: Hash) {
        self.settings = settings
        self.hash = hash
        random = SeededRandom(seed: seed)
    }

    /// How many of our shards are there, and how many are still to be made.
    public var fill: (there: Int, missing: Int) {
        let there = shards.count { $0.value.state == .there }
        return (there, shards.count - there)
    }

    public mutating func handle(_ input: consuming Input, at now: Instant, into effects: inout [Effect]) {
        switch input {
        case .duties(let duties): take(duties, into: &effects)
        case .block(let height):
            head = max(head, height)
            for object in shards.keys { advance(object, into: &effects) }
        case .list(let list, let root): take(list, root, into: &effects)
        case .checked(let name, let isThere): note(name, isThere ? .there : .missing, into: &effects)
        case .damaged(let root):
            guard let ward = shards.first(where: { $0.value.name?.root == root })?.value, let name = ward.name else {
                break
            }
            counters.damaged += 1
            note(name, .missing, into: &effects)
        case .probed(let object, let shard, let node, let isGood): probed(object, shard, node, isGood)
        case .made(let name, let isDone):
            making.remove(name.root)
            if isDone { counters.made += 1 } else { counters.failedMakings += 1 }
            if isDone { note(name, .there, into: &effects) }
        }
    }

    private mutating func take(_ duties: [Duty], into effects: inout [Effect]) {
        let kept = duties.prefix(settings.duties)
        counters.refused += UInt64(duties.count - kept.count)
        var next = OrderedMap<Digest, Ward>()
        for duty in kept {
            var ward = shards[duty.object] ?? Ward(duty, at: head)
            ward.follow(duty, at: head)
            next[duty.object] = ward
        }
        shards = next
        effects.append(.settle(roots: kept.map(\.root)))
        for object in shards.keys { advance(object, into: &effects) }
    }

    private mutating func take(_ list: PieceList?, _ root: Digest, into effects: inout [Effect]) {
        let isTrue = list?.root(using: hash) == root
        if list != nil, !isTrue { counters.refused += 1 }
        for (object, ward) in shards where ward.duty.root == root && ward.list == nil {
            if let list, isTrue, list.roots.count == ward.duty.holders.count {
                shards[object]?.list = list
                shards[object]?.triedAt = nil
                shards[object]?.watch(from: head)
            }
            advance(object, into: &effects)
        }
    }

    private mutating func note(_ name: PieceName, _ state: Ward.State, into effects: inout [Effect]) {
        for (object, ward) in shards where ward.name == name {
            // What is missing still is tried again in its time.
            if ward.state != state { shards[object]?.triedAt = nil }
            shards[object]?.state = state
            advance(object, into: &effects)
        }
    }

    private mutating func probed(_ object: Digest, _ shard: Int, _ node: NodeID, _ isGood: Bool) {
        openProbes = max(0, openProbes - 1)
        counters.probes += 1
        if !isGood { counters.failedProbes += 1 }
        guard let duty = shards[object]?.duty, duty.holders.indices.contains(shard), duty.holders[shard].node == node,
            isGood
        else { return }
        shards[object]?.watched[shard].seen = head
    }

    // MARK: What is to be done for one object

    private mutating func advance(_ object: Digest, into effects: inout [Effect]) {
        guard var ward = shards[object] else { return }
        defer { shards[object] = ward }
        guard let list = ward.list, let name = ward.name else {
            if isDue(ward.triedAt) { askForList(&ward, into: &effects) }
            return
        }
        switch ward.state {
        case .unknown:
            guard isDue(ward.triedAt) else { break }
            ward.triedAt = head
            effects.append(.check(name, of: ward.duty.root))
        case .missing: make(&ward, name, list, into: &effects)
        case .there:
            guard !ward.duty.holders[ward.duty.own].isHolding, isDue(ward.saidAt) else { break }
            ward.saidAt = head
            effects.append(.hold(object, shard: ward.duty.own))
        }
        watch(&ward, list, into: &effects)
    }

    /// From our own shelf first, then from one other after the other.
    private mutating func askForList(_ ward: inout Ward, into effects: inout [Effect]) {
        let isFirst = ward.triedAt == nil
        ward.triedAt = head
        effects.append(.look(root: ward.duty.root))
        guard !isFirst else { return }
        let others = ward.duty.holders.indices.filter { $0 != ward.duty.own && !ward.duty.holders[$0].isLost }
        guard !others.isEmpty else { return }
        let node = ward.duty.holders[others[ward.askedForList % others.count]].node
        ward.askedForList += 1
        effects.append(.askList(root: ward.duty.root, of: node))
    }

    private mutating func make(
        _ ward: inout Ward, _ name: PieceName, _ list: PieceList, into effects: inout [Effect]
    ) {
        guard isDue(ward.triedAt), !making.contains(name.root), making.count < settings.makingsAtOnce else { return }
        let sources = ward.duty.holders.indices.compactMap { shard -> Making.Source? in
            let holder = ward.duty.holders[shard]
            guard shard != ward.duty.own, holder.isHolding, !holder.isLost,
                let name = PieceName(root: list.roots[shard], units: ward.duty.units)
            else { return nil }
            return Making.Source(shard: shard, name: name, node: holder.node)
        }
        ward.triedAt = head
        guard sources.count >= ward.duty.code.needed else {
            // The owner may be about to bring it.
            return effects.append(.check(name, of: ward.duty.root))
        }
        making.insert(name.root)
        effects.append(
            .make(
                Making(
                    name: name, root: ward.duty.root, list: list, code: ward.duty.code, own: ward.duty.own,
                    sources: sources)))
    }

    /// Asks the others for leaves now and then, and says of those who show none for longer than the grace that they are gone.
    /// Who counts as lost is not heard.
    private mutating func watch(_ ward: inout Ward, _ list: PieceList, into effects: inout [Effect]) {
        guard !ward.duty.holders[ward.duty.own].isLost else { return }
        let pause = max(1, ward.duty.grace / settings.probesPerGrace)
        for shard in ward.duty.holders.indices where shard != ward.duty.own {
            let holder = ward.duty.holders[shard]
            guard !holder.isLost, let name = PieceName(root: list.roots[shard], units: ward.duty.units) else {
                continue
            }
            if openProbes < settings.probesAtOnce, ward.watched[shard].asked.advanced(by: pause) <= head {
                ward.watched[shard].asked = head
                openProbes += 1
                effects.append(
                    .probe(name, object: ward.duty.object, shard: shard, node: holder.node, start: start()))
            }
            guard ward.watched[shard].seen.advanced(by: ward.duty.grace) <= head, !holder.isMissedByUs,
                isDue(ward.watched[shard].missedAt)
            else { continue }
            ward.watched[shard].missedAt = head
            counters.misses += 1
            effects.append(.miss(ward.duty.object, shard: shard))
        }
    }

    private func isDue(_ last: Height?) -> Bool { last.map { $0.advanced(by: settings.retry) <= head } ?? true }

    private mutating func start() -> Digest {
        var writer = ByteWriter(capacity: 32)
        for _ in 0..<4 { writer.u64(random.next()) }
        return Digest(Bytes32(writer.bytes) ?? .zero)
    }
}
