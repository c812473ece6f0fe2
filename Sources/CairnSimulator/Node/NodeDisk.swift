import CairnBase
import CairnConsensus
import CairnNode

/// One file of a simulated node and what waits for it: a record is written and synced before the next.
struct NodeLog: Sendable {
    private(set) var file: RecordFile
    private var waiting: [[UInt8]] = []
    /// Records of the sync that is under way, and of those that wait.
    private(set) var isBusy = false
    /// The name of the file is durable, not only its bytes.
    private var hasName = false
    private let token: DiskToken

    init(_ name: String, _ token: DiskToken) {
        file = RecordFile(name: name)
        self.token = token
    }

    /// Takes up a file where it ends. What was read may lie in a cache: the write that makes its last record durable
    /// again is returned.
    mutating func resume(_ found: RecordFile, tail: DiskRequest?) -> [DiskRequest] {
        file = found
        guard let tail else { return [] }
        hasName = true
        return [tail, .syncDirectory, .sync(file: file.name)]
    }

    mutating func append<Message, Observation>(
        _ record: [UInt8], into effects: inout [ProcessEffect<Message, Observation>]
    ) {
        waiting.append(record)
        if !isBusy { writeNext(into: &effects) }
    }

    /// The record under way is durable.
    mutating func synced<Message, Observation>(into effects: inout [ProcessEffect<Message, Observation>]) {
        isBusy = false
        writeNext(into: &effects)
    }

    private mutating func writeNext<Message, Observation>(
        into effects: inout [ProcessEffect<Message, Observation>]
    ) {
        guard !waiting.isEmpty else { return }
        isBusy = true
        effects.append(.disk(file.append(waiting.removeFirst()), NodeDisk.Token.ignored))
        if !hasName {
            effects.append(.disk(.syncDirectory, NodeDisk.Token.ignored))
            hasName = true
        }
        effects.append(.disk(.sync(file: file.name), token))
    }
}

/// The files of a node, and who waits for which record of them.
struct NodeDisk: Sendable {
    enum Token {
        static let ignored: DiskToken = 0
        static let sign: DiskToken = 1
        static let chain: DiskToken = 2
        static let pool: DiskToken = 3
        /// The last of the tails: all files are durable as they were read.
        static let tails: DiskToken = 4
        static let promises: DiskToken = 5
        static let shelfIndex: DiskToken = 6
        /// Files of pieces: what cannot be read or written is refused, and the node goes on.
        static let shelf: DiskToken = 7
        /// What is there still when it cannot be removed does no harm.
        static let litter: DiskToken = 8
    }

    var sign = NodeLog("sign.log", Token.sign)
    var chain = NodeLog("chain.log", Token.chain)
    var pool = NodeLog("pool.log", Token.pool)
    var promises = NodeLog("promises.log", Token.promises)
    var shelf = NodeLog("shelf.log", Token.shelfIndex)
    /// What each record of a file was written for, oldest first.
    var signing: [(token: UInt64, vote: Vote?)] = []
    var executing: [ExecutableBlock] = []
    var admitting: [NodeServer.Admission] = []
    /// The challenges of the promises.
    var keeping: [Digest] = []
}
