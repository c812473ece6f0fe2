import CairnBase
import CairnLedger
import CairnNode
import CairnStorage
import CairnWire

/// Somebody who pays for objects, puts their shards with those that the chain drew, reads them back now and then, and
/// has one of them ended early. It keeps what it put, to compare.
struct NodeDepositor: Sendable {
    typealias Effect = NodeProcess.Effect

    /// One object: what is in it, and how far it has come.
    struct Deposit: Sendable {
        let segment: [UInt8]
        let data: [UInt8]
        let names: [PieceName]
        let list: PieceList
        let order: ObjectOrder
        /// Its place among the orders of this account.
        var sequence: UInt64?
        var record: PrepaidObject?
        var holders: [NodeID] = []
        /// All holders that count have said at one time that they have their shards: from then on nothing is put again.
        var isComplete = false
        var isClosing = false
        var reading: Reading?
        var rest = 0
    }

    /// Enough shards on their way back.
    struct Reading: Sendable {
        var waiting: [Int]
        var open = 0
        var found: [(number: Int, bytes: [UInt8])] = []
    }

    private struct Run: Sendable {
        let deposit: Int
        let shard: Int
        let holder: NodeID
        var errand: PieceErrand
        var asked: PieceQuestion
        let isReading: Bool
    }

    private let world: NodeWorld
    private let depot: NodeDepot
    private var random: SeededRandom
    private let coder: SegmentShards
    private(set) var deposits: [Deposit] = []
    private var ordered: UInt64 = 0
    private var nonce: UInt64 = 0
    /// The number of the transaction whose fate is not known, and the object it orders.
    private var pending: (nonce: UInt64, opens: Int?)?
    private var runs = OrderedMap<UInt64, Run>()
    private var timers = OrderedMap<TimerID, Due>()
    private var nextNumber: UInt64 = 1

    private enum Due: Sendable {
        case tick
        case over(UInt64)
        case again(UInt64)
    }

    private static let patience = TimeSpan.seconds(8)

    init?(_ world: NodeWorld, _ depot: NodeDepot, _ setup: ProcessSetup) {
        self.world = world
        self.depot = depot
        random = setup.random
        // Less than two units, so that there is padding.
        let length = StorageUnits.unitBytes + 1 + Int(random.below(UInt64(StorageUnits.unitBytes - 1)))
        guard let coder = SegmentShards(length: length, depot.code) else { return nil }
        self.coder = coder
        for _ in 0..<2 {
            guard let deposit = makeDeposit() else { return nil }
            deposits.append(deposit)
        }
    }

    private mutating func makeDeposit() -> Deposit? {
        var writer = ByteWriter(capacity: coder.layout.length + 8)
        while writer.bytes.count < coder.layout.length { writer.u64(random.next()) }
        let segment = Array(writer.bytes.prefix(coder.layout.length))
        var data = segment
        guard coder.pad(&data), let names = coder.names(of: data, using: TableKernel(), MixHash()),
            let list = PieceList(names.map(\.root)), let shards = UInt8(exactly: depot.code.total),
            let deposit = NodeDepot.price.times(UInt64(shards) * 1_000),
            let order = ObjectOrder(
                profile: .storageHot, root: list.root(using: MixHash()), shards: shards,
                needed: UInt8(clamping: depot.code.needed), units: UInt32(clamping: coder.layout.shardUnits),
                price: NodeDepot.price, deposit: deposit)
        else { return nil }
        return Deposit(segment: segment, data: data, names: names, list: list, order: order)
    }

    mutating func handle(_ event: NodeProcess.Event, at now: Instant, into effects: inout [Effect]) {
        switch event {
        case .started: tick(at: now, into: &effects)
        case .timer(let timer):
            guard let due = timers.removeValue(forKey: timer) else { return }
            switch due {
            case .tick: tick(at: now, into: &effects)
            case .over(let number): end(number, nil, at: now, into: &effects)
            case .again(let number):
                guard let run = runs.removeValue(forKey: number) else { return }
                ask(run, run.asked, at: now, into: &effects)
            }
        case .message(_, .account(let account, let height)): act(account?.nonce ?? 0, at: height, into: &effects)
        case .message(_, .object(let id, let record, let holders)):
            learn(id, record, holders, at: now, into: &effects)
        case .message(let peer, .pieceAnswer(let status, let bytes, let number)):
            guard let run = runs[number], world.process(of: run.holder) == peer else { return }
            hear(status, bytes, number, at: now, into: &effects)
        case .message, .disk: break
        }
    }

    private mutating func set(_ due: Due, at instant: Instant, into effects: inout [Effect]) {
        timers[nextNumber] = due
        effects.append(.setTimer(nextNumber, at: instant))
        nextNumber += 1
    }

    private mutating func anyServer() -> ProcessID { ProcessID(Int(random.below(UInt64(world.cluster.servers)))) }

    private mutating func tick(at now: Instant, into effects: inout [Effect]) {
        effects.append(.send(to: anyServer(), .wantAccount(depot.purse.id)))
        for place in deposits.indices {
            if let id = id(of: place) { effects.append(.send(to: anyServer(), .wantObject(id))) }
            read(place, at: now, into: &effects)
        }
        set(.tick, at: now + random.span(.milliseconds(300), .milliseconds(700)), into: &effects)
    }

    func id(of place: Int) -> Digest? {
        deposits[place].sequence.map {
            ObjectOrder.id(chain: world.chain, owner: depot.purse.id, sequence: $0, using: world.hash)
        }
    }

    // MARK: - Orders

    private mutating func act(_ known: UInt64, at height: Height, into effects: inout [Effect]) {
        guard known >= nonce else { return }
        nonce = known
        if let (number, opens) = pending {
            guard known > number else { return offer(opens, into: &effects) }
            pending = nil
            if let opens {
                deposits[opens].sequence = ordered
                ordered += 1
            } else if let place = deposits.firstIndex(where: \.isClosing) {
                // Too young, it may have been: it is tried again while it is there.
                deposits[place].isClosing = deposits[place].record?.closing != nil
            }
        }
        guard height >= depot.firstOrder else { return }
        if let place = deposits.firstIndex(where: { $0.sequence == nil }) {
            pending = (nonce, place)
            offer(place, into: &effects)
        } else if let last = deposits.last, last.isComplete, !last.isClosing, let record = last.record,
            record.closing == nil, record.opened.advanced(by: depot.epochBlocks) < height
        {
            deposits[deposits.count - 1].isClosing = true
            pending = (nonce, nil)
            offer(nil, into: &effects)
        }
    }

    private mutating func offer(_ opens: Int?, into effects: inout [Effect]) {
        guard let pending else { return }
        let action: Action
        if let opens {
            action = .open(deposits[opens].order)
        } else {
            guard let id = id(of: deposits.count - 1) else { return }
            action = .close(id)
        }
        let body = Transaction.Body(
            chain: world.chain, sender: depot.purse.id, nonce: pending.nonce, fee: Amount(units: 20_000),
            expiry: Height(1_000_000), action: action)
        let signature = depot.purse.sign(body.signedBytes(chain: world.chain))
        effects.append(.note("storage.orders", 1))
        effects.append(.send(to: anyServer(), .submit(Transaction(body, signature: signature))))
    }

    private mutating func learn(
        _ id: Digest, _ record: PrepaidObject?, _ holders: [NodeID], at now: Instant, into effects: inout [Effect]
    ) {
        guard let place = deposits.indices.first(where: { self.id(of: $0) == id }) else { return }
        guard let record else {
            if deposits[place].record != nil {
                if deposits[place].isClosing {
                    effects.append(.note("storage.ended", 1))
                } else {
                    // Nobody was there to hold it: it is ordered anew.
                    deposits[place].sequence = nil
                }
                deposits[place].record = nil
            }
            return
        }
        deposits[place].record = record
        deposits[place].holders = holders
        guard holders.count == record.holders.count, !holders.isEmpty, !deposits[place].isComplete else { return }
        let isHeld = record.live > record.order.repairLevel && record.holders.allSatisfy { $0.isHolding || $0.isLost }
        guard !isHeld else {
            deposits[place].isComplete = true
            effects.append(.note("storage.complete", 1))
            return effects.append(.observe(.completed(id)))
        }
        for shard in holders.indices where !record.holders[shard].isHolding {
            put(shard, of: place, at: now, into: &effects)
        }
    }

    private mutating func put(_ shard: Int, of place: Int, at now: Instant, into effects: inout [Effect]) {
        let holder = deposits[place].holders[shard]
        guard !runs.values.contains(where: { $0.deposit == place && $0.shard == shard && !$0.isReading }) else {
            return
        }
        start(.write, shard, of: place, with: holder, isReading: false, at: now, into: &effects)
    }

    // MARK: - Pieces

    private mutating func start(
        _ work: PieceErrand.Work, _ shard: Int, of place: Int, with holder: NodeID, isReading: Bool, at now: Instant,
        into effects: inout [Effect]
    ) {
        let errand = PieceErrand(work, deposits[place].names[shard])
        let run = Run(
            deposit: place, shard: shard, holder: holder, errand: errand, asked: errand.first, isReading: isReading)
        ask(run, errand.first, at: now, into: &effects)
    }

    private mutating func ask(_ run: Run, _ question: PieceQuestion, at now: Instant, into effects: inout [Effect]) {
        guard let peer = world.process(of: run.holder) else { return }
        var run = run
        run.asked = question
        let number = nextNumber
        nextNumber += 1
        runs[number] = run
        effects.append(.send(to: peer, .piece(question, number: number)))
        set(.over(number), at: now + Self.patience, into: &effects)
    }

    private mutating func hear(
        _ status: PieceStatus, _ bytes: [UInt8], _ number: UInt64, at now: Instant, into effects: inout [Effect]
    ) {
        guard var run = runs[number] else { return }
        let step = run.errand.hear(status.rawValue, bytes, to: run.asked, using: MixHash())
        switch step {
        case .again:
            runs[number] = run
            set(.again(number), at: now + PieceErrand.pause, into: &effects)
        case .ask(let next):
            runs[number] = nil
            ask(run, next, at: now, into: &effects)
        case .write(let range):
            runs[number] = nil
            let portion =
                coder.portion(range, of: run.shard, from: deposits[run.deposit].data, using: TableKernel()) ?? []
            ask(run, run.errand.question(writing: portion, at: range), at: now, into: &effects)
        case .done(let bytes): end(number, bytes, at: now, into: &effects)
        case .failed: end(number, nil, at: now, into: &effects)
        }
    }

    private mutating func end(_ number: UInt64, _ bytes: [UInt8]?, at now: Instant, into effects: inout [Effect]) {
        guard let run = runs.removeValue(forKey: number) else { return }
        guard !run.isReading else { return took(bytes, run, at: now, into: &effects) }
        guard bytes != nil, case .write = run.asked else {
            guard bytes != nil, case .resume = run.asked else { return }
            return tell(run, at: now, into: &effects)
        }
        effects.append(.note("storage.put", 1))
        tell(run, at: now, into: &effects)
    }

    private mutating func tell(_ run: Run, at now: Instant, into effects: inout [Effect]) {
        start(
            .tell(deposits[run.deposit].list), run.shard, of: run.deposit, with: run.holder, isReading: false, at: now,
            into: &effects)
    }

    // MARK: - Reading

    private mutating func read(_ place: Int, at now: Instant, into effects: inout [Effect]) {
        guard deposits[place].isComplete, deposits[place].record != nil, deposits[place].reading == nil else { return }
        guard deposits[place].rest == 0 else { return deposits[place].rest -= 1 }
        deposits[place].rest = 8
        let shards = deposits[place].holders.indices.map { $0 }.shuffled(using: &random)
        deposits[place].reading = Reading(waiting: shards)
        for _ in 0..<depot.code.needed { fetchNext(place, at: now, into: &effects) }
    }

    private mutating func fetchNext(_ place: Int, at now: Instant, into effects: inout [Effect]) {
        guard var reading = deposits[place].reading else { return }
        guard let shard = reading.waiting.popLast() else {
            guard reading.open == 0 else { return }
            deposits[place].reading = nil
            return effects.append(.note("storage.unread", 1))
        }
        reading.open += 1
        deposits[place].reading = reading
        start(
            .read, shard, of: place, with: deposits[place].holders[shard], isReading: true, at: now, into: &effects)
    }

    private mutating func took(_ bytes: [UInt8]?, _ run: Run, at now: Instant, into effects: inout [Effect]) {
        let place = run.deposit
        guard deposits[place].reading != nil else { return }
        deposits[place].reading?.open -= 1
        guard let bytes else { return fetchNext(place, at: now, into: &effects) }
        deposits[place].reading?.found.append((run.shard, bytes))
        guard let found = deposits[place].reading?.found, found.count == depot.code.needed else { return }
        deposits[place].reading = nil
        var segment: [UInt8] = []
        if var reader = SegmentReader(coder, from: found) {
            while let portion = reader.next(using: TableKernel()) { segment += portion }
        }
        effects.append(.note("storage.reads", 1))
        if found.contains(where: { $0.number >= depot.code.needed }) { effects.append(.note("storage.decoded", 1)) }
        guard let id = id(of: place) else { return }
        effects.append(.observe(.readBack(id, isEqual: segment == deposits[place].segment)))
    }
}
