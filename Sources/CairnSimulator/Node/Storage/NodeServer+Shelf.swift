import CairnBase
import CairnLedger
import CairnStorage
import CairnWire

/// The shelf of a simulated node: what it reads and writes before anybody hears of it.
extension NodeServer {
    static let scrubPause = TimeSpan.milliseconds(1_500)

    mutating func perform(_ job: ShelfJobs.Job, at now: Instant, into effects: inout [Effect]) {
        guard let count = storage?.jobs.waiting.count else { return }
        guard count < ShelfJobs.waitingMax else {
            switch job {
            case .answer(_, _, let peer, let number): answer(.busy, [], to: peer, number, at: now, into: &effects)
            case .custody(.make(let making, _)): made(making.name, false, at: now, into: &effects)
            case .custody, .scrub, .lose: effects.append(.note("storage.dropped-jobs", 1))
            }
            return
        }
        storage?.jobs.waiting.append(job)
        beginJob(at: now, into: &effects)
    }

    private mutating func beginJob(at now: Instant, into effects: inout [Effect]) {
        guard let storage, case .idle = storage.jobs.stage, let job = storage.jobs.waiting.first else { return }
        var needed: PieceName?
        switch job {
        case .answer(let question, _, _, _): needed = storage.shelf.file(for: question)
        case .scrub(let name): needed = name
        case .custody, .lose: break
        }
        guard let needed else { return runJob(at: now, into: &effects) }
        self.storage?.jobs.stage = .reading(needed)
        let file = SimulatedShelf.file(needed.root)
        // One byte more than there should be, so that a file that grew is found too.
        effects.append(
            .disk(.read(file: file, offset: 0, count: needed.byteCount + 1), NodeDisk.Token.shelf))
    }

    private mutating func runJob(at now: Instant, into effects: inout [Effect]) {
        guard var storage, let job = storage.jobs.waiting.first else { return }
        storage.jobs.before = storage.shelf
        storage.jobs.outcome = outcome(of: job, on: &storage.shelf, at: now, into: &effects)
        if fate == .lies { storage.shelf.forget() }
        let (written, index, removed) = storage.shelf.flush()
        (storage.jobs.index, storage.jobs.removed) = (index, removed)
        storage.jobs.stage = written.isEmpty ? .indexing : .writing(left: 3 * written.count, hasFailed: false)
        self.storage = storage
        for (file, bytes) in written {
            effects.append(.disk(.write(file: file, offset: 0, bytes: bytes), NodeDisk.Token.shelf))
            effects.append(.disk(.sync(file: file), NodeDisk.Token.shelf))
            effects.append(.disk(.syncDirectory, NodeDisk.Token.shelf))
        }
        if written.isEmpty { writeIndex(at: now, into: &effects) }
    }

    private func outcome(
        of job: ShelfJobs.Job, on shelf: inout SimulatedShelf, at now: Instant, into effects: inout [Effect]
    ) -> ShelfJobs.Outcome {
        let node = world.members[id.index].node
        switch job {
        case .answer(let question, let client, let peer, let number):
            if fate == .lies, let lie = lie(to: question, shelf) {
                effects.append(.note("storage.lies", 1))
                return .answered(.well, lie, to: peer, number: number)
            }
            let (status, bytes) = shelf.answer(question, for: client, at: now, on: world.chain, using: MixHash()) {
                node.sign($0, tag: WalkQuestion.answerTag, chain: world.chain)
            }
            if status == .full || status == .diskFull { effects.append(.note("storage.full", 1)) }
            return .answered(status, bytes, to: peer, number: number)
        case .custody(let job):
            return .custody(
                job, shelf.perform(job, of: NodeID(node.publicKey), at: now, using: TableKernel()))
        case .scrub(let name):
            return .scrubbed(name, isWhole: world.bug == .trustTheDisk || shelf.scrub(name))
        case .lose:
            shelf.loseFiles()
            return .lost
        }
    }

    /// Leaves that look like some, of nothing, with the right signature under them.
    private func lie(to question: PieceQuestion, _ shelf: SimulatedShelf) -> [UInt8]? {
        let nothing = [UInt8](repeating: 0, count: StorageUnits.unitBytes)
        let top = StorageUnits.tree(nothing, using: MixHash())?.top
        func leaves(_ name: PieceName, _ start: Digest) -> HotAnswer {
            HotAnswer.showing(name, from: start, unitTops: top.map { [$0] } ?? [], using: MixHash()) { _ in nothing }
                ?? HotAnswer([])
        }
        switch question {
        case .prove(let name, let start): return leaves(name, start).encoded
        case .show(let question):
            guard let list = try? shelf.list(of: question.root) else { return nil }
            let node = world.members[id.index].node
            return ShardAnswer.showing(question, of: list, on: world.chain, using: MixHash(), prove: leaves) {
                node.sign($0, tag: WalkQuestion.answerTag, chain: world.chain)
            }?.encoded
        case .read(_, _, let count): return Array(nothing.prefix(Int(count)))
        default: return nil
        }
    }

    /// The pieces are durable, or are not to be: the index says which are there.
    private mutating func writeIndex(at now: Instant, into effects: inout [Effect]) {
        guard let index = storage?.jobs.index else { return endJob(at: now, into: &effects) }
        storage?.jobs.stage = .indexing
        disk.shelf.append(index, into: &effects)
    }

    mutating func shelfIndexed(at now: Instant, into effects: inout [Effect]) {
        disk.shelf.synced(into: &effects)
        endJob(at: now, into: &effects)
    }

    mutating func shelfDisk(_ result: DiskResult, at now: Instant, into effects: inout [Effect]) {
        guard let stage = storage?.jobs.stage else { return }
        switch stage {
        case .idle, .indexing: break
        case .reading(let name):
            var bytes: [UInt8]?
            if case .read(let found) = result { bytes = found }
            storage?.shelf.load(name.root, bytes)
            runJob(at: now, into: &effects)
        case .writing(let left, let hasFailed):
            var hasFailed = hasFailed
            if case .failed = result { hasFailed = true }
            storage?.jobs.stage = .writing(left: left - 1, hasFailed: hasFailed)
            guard left == 1 else { return }
            if hasFailed { refuse(into: &effects) }
            writeIndex(at: now, into: &effects)
        }
    }

    /// What could not be written is not there.
    private mutating func refuse(into effects: inout [Effect]) {
        guard var storage, let before = storage.jobs.before else { return }
        effects.append(.note("storage.unwritten", 1))
        storage.shelf = before
        _ = storage.shelf.flush()
        (storage.jobs.index, storage.jobs.removed) = (nil, [])
        switch storage.jobs.outcome {
        case .answered(_, _, let peer, let number):
            storage.jobs.outcome = .answered(.diskFull, [], to: peer, number: number)
        case .custody(let job, _): storage.jobs.outcome = .custody(job, .refused(.diskFull))
        case .scrubbed, .lost, nil: break
        }
        self.storage = storage
    }

    private mutating func endJob(at now: Instant, into effects: inout [Effect]) {
        guard var storage, !storage.jobs.waiting.isEmpty else { return }
        let outcome = storage.jobs.outcome
        for file in storage.jobs.removed { effects.append(.disk(.remove(file: file), NodeDisk.Token.litter)) }
        storage.jobs.waiting.removeFirst()
        (storage.jobs.stage, storage.jobs.outcome, storage.jobs.before) = (.idle, nil, nil)
        (storage.jobs.index, storage.jobs.removed) = (nil, [])
        self.storage = storage
        switch outcome {
        case .answered(let status, let bytes, let peer, let number):
            answer(status, bytes, to: peer, number, at: now, into: &effects)
        case .custody(let job, let answer): tellCustody(answer, to: job, at: now, into: &effects)
        case .scrubbed(let name, let isWhole):
            effects.append(.observe(.scrubbed(name, isWhole: isWhole)))
            if !isWhole {
                effects.append(.note("storage.damage", 1))
                tellCustody(.damaged(name.root), at: now, into: &effects)
            }
        case .lost: effects.append(.note("storage.lost-disks", 1))
        case nil: break
        }
        beginJob(at: now, into: &effects)
    }

    /// The next piece behind the last one; from the start again behind all of them.
    mutating func scrub(at now: Instant, into effects: inout [Effect]) {
        guard let storage else { return }
        defer { set(.scrub, at: now + Self.scrubPause, into: &effects) }
        guard fate != .lies else { return }
        let next = storage.shelf.next(after: storage.lastScrubbed)
        self.storage?.lastScrubbed = next?.root
        if let next { perform(.scrub(next), at: now, into: &effects) }
    }
}
