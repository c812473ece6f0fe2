public import CairnBase
import CairnCrypto
public import CairnLedger
import CairnWire

/// Makes the chain of a directory out of a snapshot, or leaves the directory as it was.
///
/// The file is built beside its place and moved there only when its root is the one asked for, so a kill at any point
/// leaves no chain or the whole one. What is left of the disk is looked at before every chunk.
public struct SnapshotImport {
    /// What the chain began with: a snapshot does not carry it, since every node has it.
    public struct Beginning {
        let chain: ChainID
        let genesis: [UInt8]
        let time: UInt64
        let root: Digest

        public init(chain: ChainID, genesis: [UInt8], time: UInt64, root: Digest) {
            self.chain = chain
            self.genesis = genesis
            self.time = time
            self.root = root
        }
    }

    /// Whether a block of the past is what it says, by the state after the newest.
    public typealias BlockCheck = (_ block: StoredBlock, _ state: StoredState) throws(StateError) -> Bool

    private let directory: String
    private let beginning: Beginning
    private let check = RowCheck()
    private let tree = StateTree(Blake2b())
    private let isSound: BlockCheck
    private let reserve: UInt64
    private let space: DiskSpace
    private let system: String?

    public init(
        into directory: String, _ beginning: Beginning, limits: Limits.Store = Limits.Store(),
        space: DiskSpace = DiskSpace(), system: String? = nil, isSound: @escaping BlockCheck
    ) {
        self.directory = directory
        self.beginning = beginning
        self.isSound = isSound
        (reserve, self.space, self.system) = (limits.diskReserve, space, system)
    }

    /// Takes a snapshot over if it is of the state with this root. `certificate` is what shows others that its last block is
    /// final, where that is known; `progress` hears how many of all chunks are done.
    public func run(
        _ path: String, root: Digest, certificate: [UInt8] = [],
        progress: (_ done: UInt32, _ all: UInt32) -> Void = { _, _ in }
    ) throws(StoreError) -> ChainHead {
        let draft = try ChainDraft(of: directory, keeping: reserve, space: space)
        var file = try SnapshotFile.open(path)
        guard file.header.chain == beginning.chain else { throw file.fault(.otherChain(file.header.chain)) }
        guard file.header.root == root else { throw file.fault(.otherRoot(file.header.root)) }
        // What it becomes takes no less than what it is.
        try draft.requireRoom(for: UInt64(clamping: file.byteCount))
        do throws(StoreError) {
            try draft.begin()
            try fill(draft, from: &file, certificate, progress)
            let head = try checked(draft.directory, file.header, file.path)
            try draft.moveIntoPlace()
            return head
        } catch {
            draft.remove()
            throw error
        }
    }

    private func fill(
        _ draft: borrowing ChainDraft, from file: inout SnapshotFile, _ certificate: [UInt8],
        _ progress: (UInt32, UInt32) -> Void
    ) throws(StoreError) {
        let database = try Database(path: draft.directory + "/chain.db", role: .writer, system: system)
        try database.migrate(ChainSchema.migrations)
        let blocks = try BlockRows(in: database)
        let states = try StateStatements.prepare(in: database)
        try database.transaction { () throws(StoreError) in
            try database.prepare("INSERT INTO chain VALUES (?, ?)")
                .run(.blob(beginning.chain.raw.bytes), .blob(check.full(beginning.chain.raw.bytes)))
            try blocks.insert(
                StoredBlock.genesis(beginning.chain, beginning.genesis, time: beginning.time), root: beginning.root)
        }
        var (first, last): (Height?, StoredBlock?)
        var path: Digest?
        for number in 0..<file.header.chunkCount {
            // It goes into the log, and from there into the file.
            try draft.requireRoom(for: 2 * UInt64(SnapshotHeader.chunkBytesMax))
            let chunk = try file.chunk(number)
            let disorder = file.fault(.order(chunk: number))
            try database.transaction { () throws(StoreError) in
                switch chunk {
                case .blocks(let found):
                    for var block in found {
                        let follows = last.map {
                            $0.height.next == block.height && $0.digest == block.parent
                        }
                        guard path == nil, follows ?? (block.height > .genesis) else { throw disorder }
                        let isLast = block.height == file.header.height
                        if isLast { block.certificate = certificate }
                        // What the state was before is known to nobody who has only this.
                        try blocks.insert(block, root: isLast ? file.header.root : .zero)
                        last = block
                        if first == nil { first = block.height }
                    }
                case .entries(let entries):
                    for entry in entries {
                        let next = tree.path(of: entry.key)
                        guard path.map({ $0 < next }) ?? true else { throw disorder }
                        path = next
                        let (place, key) = (next.raw.bytes, entry.key.bytes)
                        try states.put.run(
                            .blob(place), .blob(key), .blob(entry.value), check.short(place + key, entry.value))
                    }
                }
            }
            progress(number + 1, file.header.chunkCount)
        }
        let known = first?.number ?? 1
        try database.transaction { () throws(StoreError) in
            try database.write(Past(blocks: known, epochEnds: known, epochBlocks: 0))
        }
        try file.requireEnd()
        let isNamed = last.map { $0.height == file.header.height && $0.digest == file.header.block }
        guard isNamed ?? (file.header.height == .genesis) else { throw file.fault(.lastBlock) }
    }

    /// Opens what was made as a node would, which builds the tree over it.
    private func checked(_ place: String, _ header: SnapshotHeader, _ path: String) throws(StoreError) -> ChainHead {
        let file = try ChainFile(directory: place, system: system)
        let loaded = LoadedState(ChainWriter(file, limits: Limits.Store()), limits: Limits.Store())
        try loaded.load(through: header.height)
        let (found, count) = (loaded.tree.hash, UInt64(loaded.tree.count))
        guard found == header.root, count == header.entryCount else {
            throw .snapshot(path: path, .entries(root: found, count: count))
        }
        guard let head = try file.blocks.head(), head.root == header.root else {
            throw .snapshot(path: path, .lastBlock)
        }
        var height = head.height
        while height > .genesis, let block = try file.blocks.block(at: height) {
            guard try isSound(block, loaded) else { throw .snapshot(path: path, .block(height)) }
            height = height.preceding()
        }
        let needed = try firstNeeded(after: head.height, loaded)
        guard height < needed else { throw .snapshot(path: path, .blocksMissing(needed)) }
        try file.database.checkpoint()
        return head
    }

    /// The block in the middle of the epoch before: it decides the seats of this one.
    private func firstNeeded(after height: Height, _ loaded: LoadedState) throws(StoreError) -> Height {
        let parameters: Parameters?
        do throws(StateError) {
            parameters = try StoredState(loaded: loaded).load(.parameters)
        } catch {
            throw StoreError(error)
        }
        let length = max(1, parameters?[.epochBlocks] ?? 1)
        let epoch = height.number / length
        // Nothing but genesis comes before the first.
        return Height(epoch == 0 ? 1 : max(1, (epoch - 1) * length + length / 2))
    }
}

extension SnapshotImport {
    private func isSound(_ block: StoredBlock, _ loaded: LoadedState) throws(StoreError) -> Bool {
        do throws(StateError) {
            return try isSound(block, StoredState(loaded: loaded))
        } catch {
            throw StoreError(error)
        }
    }
}
