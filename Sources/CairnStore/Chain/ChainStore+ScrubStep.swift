public import CairnBase
import CairnCrypto
import CairnLedger

/// Where a scrub of a chain goes on.
public enum ChainScrubPlace: Sendable, Hashable {
    case blocks(Height)
    /// In the state, from a path on.
    case state(Digest)

    public static let start = ChainScrubPlace.blocks(.genesis)
}

/// A row that is not what was written.
public struct RowDamage: Sendable, Hashable {
    public let row: String
    /// Of a block, what it is by the word of the one above, and so what a peer may send.
    public let block: WantedBlock?

    public init(row: String, block: WantedBlock? = nil) { (self.row, self.block) = (row, block) }
}

/// A block whose row is damaged or gone, and that whoever has it can give back.
public struct WantedBlock: Sendable, Hashable {
    public let height: Height
    public let digest: Digest

    public init(height: Height, digest: Digest) { (self.height, self.digest) = (height, digest) }
}

/// What one step of a scrub looked at and found.
public struct ChainScrubStep: Sendable, Equatable {
    public internal(set) var next: ChainScrubPlace
    /// True when everything up to the end was looked at: the next begins anew.
    public internal(set) var isLast = false
    public internal(set) var rows = 0
    public internal(set) var damage: [RowDamage] = []
    var bytes = 0

    public init(next: ChainScrubPlace, isLast: Bool = false, rows: Int = 0, damage: [RowDamage] = []) {
        (self.next, self.isLast, self.rows, self.damage) = (next, isLast, rows, damage)
    }

    fileprivate func isFull(_ limits: Limits.Scrub) -> Bool { rows >= limits.rows || bytes >= limits.bytes }
}

extension ChainStore {
    /// Looks at some of the rows from a place on, no more than one step may. First at the blocks that a reader came across and
    /// found damaged, so that they are named soon.
    public func scrub(from place: ChainScrubPlace, _ limits: Limits.Scrub) throws(StoreError) -> ChainScrubStep {
        var step = ChainScrubStep(next: place)
        guard let head else { return step }
        let file = try writer.file()
        try writer.requireNoFailure()
        for height in takeSuspects() { try look(at: height, in: file, &step) }
        switch place {
        case .blocks(let height): try scrubBlocks(from: height, through: head, in: file, limits, &step)
        case .state(let path): try scrubState(from: path, in: file, limits, &step)
        }
        return step
    }

    private func scrubBlocks(
        from first: Height, through head: ChainHead, in file: ChainFile, _ limits: Limits.Scrub,
        _ step: inout ChainScrubStep
    ) throws(StoreError) {
        var past: Past?
        try note(&step) { () throws(StoreError) in past = try file.database.readPast() }
        var number = first.number
        while number <= head.height.number, !step.isFull(limits) {
            // What was pruned is not looked for one by one: there may be millions.
            number = past?.next(from: number) ?? number
            guard number <= head.height.number else { break }
            try look(at: Height(number), in: file, &step)
            number += 1
        }
        step.next = number > head.height.number ? .state(.zero) : .blocks(Height(number))
    }

    private func look(at height: Height, in file: ChainFile, _ step: inout ChainScrubStep) throws(StoreError) {
        try note(&step, at: height) { step throws(StoreError) in
            let block = try file.blocks.expected(at: height, through: head?.height, in: file.database)?.block
            step.bytes += block.map { 256 + $0.payload.count + $0.certificate.count } ?? 0
        }
        try note(&step) { step throws(StoreError) in
            let count = try file.blocks.receipts(at: height).count
            (step.rows, step.bytes) = (step.rows + count, step.bytes + 64 * count)
        }
        try note(&step) { step throws(StoreError) in
            let count = try file.blocks.verdicts(at: height).count
            (step.rows, step.bytes) = (step.rows + count, step.bytes + 128 * count)
        }
        step.rows += 1
    }

    private func scrubState(
        from first: Digest, in file: ChainFile, _ limits: Limits.Scrub, _ step: inout ChainScrubStep
    ) throws(StoreError) {
        if first == .zero {
            try note(&step) { () throws(StoreError) in try file.state.eachPending { _, _ in } }
        }
        var path: Digest? = first
        while let place = path, !step.isFull(limits) {
            let found = loaded.end(of: place)
            try note(&step) { step throws(StoreError) in
                let (count, bytes) = try loaded.look(at: found.place, as: found.branch, in: file)
                (step.rows, step.bytes) = (step.rows + count, step.bytes + bytes)
            }
            // Also an empty one costs a look.
            step.bytes += 64
            path = found.place.last.successor
        }
        step.next = path.map { .state($0) } ?? .start
        step.isLast = path == nil
    }

    private func note(
        _ step: inout ChainScrubStep, _ read: () throws(StoreError) -> Void
    ) throws(StoreError) {
        try note(&step) { _ throws(StoreError) in try read() }
    }

    /// Damage is what is looked for; any other error ends the step.
    private func note(
        _ step: inout ChainScrubStep, at height: Height? = nil,
        _ read: (inout ChainScrubStep) throws(StoreError) -> Void
    ) throws(StoreError) {
        do {
            try read(&step)
        } catch {
            guard let row = error.damagedRow else { throw error }
            let block = try height.flatMap { height throws(StoreError) in try wanted(at: height) }
            let damage = RowDamage(row: row, block: block)
            if !step.damage.contains(damage) { step.damage.append(damage) }
        }
    }
}

extension ChainStore {
    /// What the block at a height is, by the word of the one above it; nil while that is damaged too.
    func wanted(at height: Height) throws(StoreError) -> WantedBlock? {
        guard let head, height > .genesis, height <= head.height else { return nil }
        if height == head.height { return WantedBlock(height: height, digest: head.digest) }
        do {
            let file = try writer.file()
            return try file.blocks.block(at: height.next).map { WantedBlock(height: height, digest: $0.parent) }
        } catch {
            guard error.damagedRow != nil else { throw error }
            return nil
        }
    }
}

extension StoreError {
    /// What is damaged, by the row's check or because SQLite or the disk cannot read it; nil for everything else.
    public var damagedRow: String? {
        switch self {
        case .damaged(let row): row
        // SQLITE_CORRUPT, and SQLITE_IOERR_READ and _SHORT_READ: the pages themselves.
        case .sqlite(let code, let message, let sql) where code & 0xff == 11 || code == 266 || code == 522:
            "\(message) in: \(sql)"
        default: nil
        }
    }
}

extension Digest {
    fileprivate var successor: Digest? {
        var bytes = raw.bytes
        guard let place = bytes.lastIndex(where: { $0 != .max }) else { return nil }
        bytes[place] += 1
        for index in bytes.indices.dropFirst(place + 1) { bytes[index] = 0 }
        return Bytes32(bytes).map(Digest.init)
    }
}
