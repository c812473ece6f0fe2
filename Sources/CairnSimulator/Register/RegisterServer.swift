import CairnBase

/// Keeps the highest-stamped value it was told, and says so only when it is durable.
///
/// A value is written as two copies, each synced before the next step. Values that arrive meanwhile wait; the highest
/// of them is written next, and everybody whose stamp it covers is answered at once.
struct RegisterServer: Sendable {
    private struct Waiter {
        let client: ProcessID
        let round: UInt64
        let stamp: Stamp
    }

    /// Answers beyond this are forgotten; their clients ask again.
    private static let waitersLimit = 1_024

    private let bug: RegisterBug?
    private var durable: StampedValue?
    /// The value being written, and which copy is under way.
    private var writing: (held: StampedValue, copy: Int)?
    private var next: StampedValue?
    private var waiters: [Waiter] = []
    private var nextToken: DiskToken = 0
    private var syncToken: DiskToken?
    private(set) var faultPoints: FaultPoints

    init(bug: RegisterBug?, faultPoints: FaultPoints) {
        self.bug = bug
        self.faultPoints = faultPoints
    }

    mutating func handle(_ event: RegisterProcess.Event, into effects: inout [RegisterProcess.Effect]) {
        switch event {
        case .started(let image):
            start(image, &effects)
        case .message(let client, .query(let round)):
            guard let durable else { return }
            effects.append(.send(to: client, .held(round: round, durable)))
        case .message(let client, .store(let round, let held)):
            store(held, for: Waiter(client: client, round: round, stamp: held.stamp), &effects)
        case .disk(let token, let result):
            finish(token, result, &effects)
        case .message, .timer:
            break
        }
    }

    /// What is read back may sit in the cache of a machine whose last sync failed; only writing it again makes sure.
    private mutating func start(_ image: DiskImage, _ effects: inout [RegisterProcess.Effect]) {
        guard let bytes = image.contents(of: RegisterRecord.file) else {
            durable = .initial
            return
        }
        let copies = (0..<RegisterRecord.copies).map { RegisterRecord.read(copy: $0, from: bytes) }
        let sound = copies.compactMap { copy -> StampedValue? in
            if case .sound(let held) = copy { held } else { nil }
        }
        let spoilt = copies.count { $0 == .spoilt }
        faultPoints.sometimes("register.one-copy-spoilt", spoilt == 1 && !sound.isEmpty)
        guard let best = sound.max(by: { $0.stamp < $1.stamp }) else {
            if spoilt == RegisterRecord.copies {
                faultPoints.sometimes("register.both-copies-spoilt")
                effects.append(.halt(.forGood("both copies of the register are damaged")))
            } else {
                durable = .initial
            }
            return
        }
        if bug == .trustCache {
            durable = best
        } else {
            write(best, &effects)
        }
    }

    private mutating func store(
        _ held: StampedValue, for waiter: Waiter, _ effects: inout [RegisterProcess.Effect]
    ) {
        if faultPoints.buggify("register.ignore-store") { return }
        if let durable, held.stamp <= durable.stamp {
            faultPoints.sometimes("register.stale-store", held.stamp < durable.stamp)
            effects.append(.send(to: waiter.client, .stored(round: waiter.round)))
            return
        }
        guard waiters.count < Self.waitersLimit else { return }
        if bug == .acknowledgeBeforeSync {
            durable = held
            effects.append(.send(to: waiter.client, .stored(round: waiter.round)))
        } else {
            waiters.append(waiter)
        }
        if writing == nil {
            write(held, &effects)
        } else if next.map({ $0.stamp < held.stamp }) ?? true {
            next = held
        }
    }

    private mutating func write(_ held: StampedValue, _ effects: inout [RegisterProcess.Effect]) {
        writing = (held, 0)
        writeCopy(&effects)
    }

    private mutating func writeCopy(_ effects: inout [RegisterProcess.Effect]) {
        guard let writing else { return }
        let offset = RegisterRecord.offset(ofCopy: writing.copy)
        let bytes = RegisterRecord.encode(writing.held)
        request(.write(file: RegisterRecord.file, offset: offset, bytes: bytes), &effects)
        request(.syncDirectory, &effects)
        request(.sync(file: RegisterRecord.file), &effects)
        syncToken = nextToken
    }

    private mutating func request(_ request: DiskRequest, _ effects: inout [RegisterProcess.Effect]) {
        nextToken += 1
        effects.append(.disk(request, nextToken))
    }

    private mutating func finish(
        _ token: DiskToken, _ result: DiskResult, _ effects: inout [RegisterProcess.Effect]
    ) {
        if case .failed(let error) = result, bug != .ignoreDiskErrors {
            faultPoints.sometimes("register.disk-error")
            effects.append(.halt(.restart("disk: \(error)")))
            return
        }
        guard token == syncToken, let writing else { return }
        let lastCopy = bug == .oneCopy ? 0 : RegisterRecord.copies - 1
        if writing.copy < lastCopy {
            self.writing = (writing.held, writing.copy + 1)
            writeCopy(&effects)
            return
        }
        self.writing = nil
        if durable.map({ $0.stamp < writing.held.stamp }) ?? true { durable = writing.held }
        answerWaiters(upTo: writing.held.stamp, &effects)
        if let next {
            self.next = nil
            if next.stamp > writing.held.stamp { write(next, &effects) }
        }
    }

    private mutating func answerWaiters(upTo stamp: Stamp, _ effects: inout [RegisterProcess.Effect]) {
        for waiter in waiters where waiter.stamp <= stamp {
            effects.append(.send(to: waiter.client, .stored(round: waiter.round)))
        }
        waiters.removeAll { $0.stamp <= stamp }
    }
}
