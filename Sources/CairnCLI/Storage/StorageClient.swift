import CairnBase
import CairnCrypto
import CairnErasure
import CairnLedger
import CairnRuntime
import CairnStorage
import CairnTransport
import CairnWire

/// A home that puts objects with holders and fetches them: its storage key, its network, and a client of it.
///
/// The storage key is a member of the network of its own, beside the node of the home, and every object's key comes from it.
struct StorageClient: ~Copyable {
    let shelf: ObjectShelf
    private let identity: StorageIdentity
    let pieces: PieceClient
    let session: Session

    init(_ session: Session, _ home: Home) throws(Failure) {
        let storage = KeyStorage(home: home, settings: session.surroundings.keys)
        let keystore = try storage.load(KeyKind.storage.rawValue)
        guard keystore.role == .storage else {
            throw Failure(
                .wrongKind, "\(home.keyFile(KeyKind.storage.rawValue)) holds a key for another use: \(keystore.role)")
        }
        let identity = StorageIdentity(seed: try storage.seed(of: keystore, KeyKind.storage.rawValue, session))
        let genesis = try GenesisFile.read(home.genesisFile)
        var options = LogOutput.Options()
        options.filter = LogFilter(.off)
        let pieces: PieceClient
        do throws(SystemError) {
            pieces = try PieceClient(
                identity,
                PieceClient.Setting(
                    chain: genesis.chain(using: Blake2b()), network: genesis.network,
                    agent: "cairn-storage/\(programVersion)"),
                log: LogOutput(options).logger("storage"))
        } catch {
            throw Failure(.systemRefused, "the system refuses what a client needs: \(error)")
        }
        self.session = session
        self.identity = identity
        self.pieces = pieces
        shelf = ObjectShelf(home)
    }

    /// Says goodbye to the holders, so that they need not notice by themselves.
    func close() { pieces.close() }

    private func connect(_ holders: [PeerAddress], enough: Int) throws(Failure) -> [NodeID] {
        let time = session.invocation[GlobalFlags.timeout] ?? .seconds(10)
        return try running { () throws(SystemError) in try pieces.connect(to: holders, enough: enough, within: time) }
    }

    func running<Value>(_ body: () throws(SystemError) -> Value) throws(Failure) -> Value {
        do throws(SystemError) {
            return try body()
        } catch {
            throw Failure(.systemRefused, "the system refuses what a client needs: \(error)")
        }
    }
}

// MARK: Putting

extension StorageClient {
    /// Seals a file, codes it and puts every piece with a holder of its own; an object only when all are durable.
    func put(
        _ source: borrowing ObjectSource, as name: String, _ code: ErasureCode, with known: [PeerAddress],
        by orders: ObjectOrders?
    ) throws(Failure) -> StoredObject {
        guard StoredObject.fits(source.byteCount ?? 0, code) else { throw .tooLong(source.path) }
        let there = Set(try connect(known, enough: code.total))  // ORDER: asked for membership only
        // In an order of chance: nobody is preferred.
        let holders = known.filter { there.contains($0.node) }.shuffled()
        guard holders.count >= code.total else {
            throw Failure.tooFewHolders(holders.count, of: known.count, for: code)
        }
        let id = SecureRandom.bytes32()
        var sealed = SealedSegments(key: identity.key(of: id), code)
        var object = StoredObject(id: id, name: name, byteCount: 0, code: code, header: sealed.header)
        var placed: [PlacedPiece] = []
        let progress = showProgress("putting", of: source.byteCount, code.total, of: code)
        defer { end(progress) }
        do throws(Failure) {
            while var segment = try sealed.next(from: source) {
                let length = segment.count
                let (order, pieces) = try place(&segment, code, with: holders.map(\.node), by: orders, placed: &placed)
                object.segments.append(StoredObject.Segment(length: length, pieces: pieces, order: order))
                guard StoredObject.fits(sealed.readCount, code) else { throw .tooLong(source.path) }
            }
            try source.checkUnchanged(read: sealed.readCount)
            object.byteCount = sealed.readCount
            let used = Set(object.pieces.map(\.holder))  // ORDER: asked for membership only
            object.holders = known.filter { used.contains($0.node) }
            try shelf.add(object)
        } catch {
            _ = try? pieces.remove(placed)
            for order in object.segments.compactMap(\.order) { try? orders?.close(order) }
            throw error
        }
        return object
    }

    private func place(
        _ segment: inout [UInt8], _ code: ErasureCode, with holders: [NodeID], by orders: ObjectOrders?,
        placed: inout [PlacedPiece]
    ) throws(Failure) -> (order: Digest?, pieces: [PlacedPiece]) {
        let kernel = VectorKernel()
        guard let coder = SegmentShards(length: segment.count, code), coder.pad(&segment),
            let names = coder.names(of: segment, using: kernel, Blake2b())
        else { throw Failure(.objectUnreadable, "a segment cannot be coded as \(code.needed) of \(code.total)") }
        let data = segment
        let bytes = { (number: Int, range: Range<Int>) in
            coder.portion(range, of: number, from: data, using: kernel) ?? []
        }
        if let orders {
            let (order, pieces) = try place(names, bytes, code, by: orders, placed: &placed)
            return (order, pieces)
        }
        var troubles: [HolderTrouble] = []
        let found = try running { () throws(SystemError) in
            try pieces.place(names, bytes: bytes, with: holders, placed: &placed, troubles: &troubles)
        }
        for trouble in troubles { session.note("\(trouble.holder.peerID): \(trouble.why.sentence)") }
        guard let found, found.count == code.total else {
            throw Failure(
                .holdersMissing, "not every piece found a holder",
                tried: troubles.map { Hint($0.holder.peerID, $0.why.sentence) })
        }
        return (nil, found)
    }
}

// MARK: Fetching

extension StorageClient {
    /// What whoever may read an object is given.
    func capability(of object: StoredObject) -> ReadCapability {
        ReadCapability(object: object, key: identity.key(of: object.id))
    }

    /// Fetches any pieces that are enough, and writes what they give under a name that is free.
    func get(_ capability: ReadCapability, to path: String) throws(Failure) {
        let object = try current(capability.object)
        var target = try ObjectTarget(path)
        _ = try connect(object.holders, enough: object.code.needed)
        var opened = OpenedSegments(key: capability.key, header: object.header)
        let progress = showProgress("getting", of: object.byteCount, object.code.needed, of: object.code)
        defer { end(progress) }
        for (number, segment) in object.segments.enumerated() {
            var reader = try fetch(segment, number, of: object)
            let isLast = number == object.segments.count - 1
            while let portion = reader.next(using: VectorKernel()) {
                let bytes: [UInt8]
                do throws(SecretStreamError) {
                    bytes = try opened.take(portion, isLast: isLast && reader.readCount == segment.length)
                } catch {
                    throw Failure(.objectUnreadable, "segment \(number) of \(object.text) does not open: \(error)")
                }
                try target.append(bytes)
            }
        }
        try target.keep()
    }

    /// The bytes of a segment are in memory once, as pieces that are enough.
    private func fetch(_ segment: StoredObject.Segment, _ number: Int, of object: StoredObject) throws(Failure)
        -> SegmentReader
    {
        var troubles: [HolderTrouble] = []
        let found = try running { () throws(SystemError) in
            try pieces.fetch(object.code.needed, of: segment.pieces, troubles: &troubles)
        }
        for trouble in troubles { session.note("\(trouble.holder.peerID): \(trouble.why.sentence)") }
        guard let coder = SegmentShards(length: segment.length, object.code),
            let reader = SegmentReader(coder, from: found)
        else {
            throw Failure(
                .objectUnreadable,
                "segment \(number) of \(object.text): \(found.count) of its pieces could be had, \(object.code.needed) "
                    + "are needed", tried: troubles.map { Hint($0.holder.peerID, $0.why.sentence) })
        }
        return reader
    }

    /// Draws how far a file has come while `shards` of the shards of each segment go over.
    private func showProgress(_ verb: String, of total: UInt64?, _ shards: Int, of code: ErasureCode)
        -> TransferProgress
    {
        let progress = TransferProgress(session, verb, of: total)
        var bytes: UInt64 = 0
        pieces.moved = { count in
            bytes += UInt64(count)
            progress.reach(bytes.times(UInt64(code.needed), over: UInt64(shards)) ?? bytes)
        }
        return progress
    }

    private func end(_ progress: TransferProgress) {
        pieces.moved = nil
        progress.end()
    }
}

// MARK: Asking and removing

extension StorageClient {
    /// What is wrong with each piece, in the order of the object's pieces; nil for those that are there.
    func check(_ object: StoredObject) throws(Failure) -> [PieceTrouble?] {
        _ = try connect(object.holders, enough: object.holders.count)
        return try running { () throws(SystemError) in try pieces.check(object.pieces) }
    }

    /// Has holders let go of what they have, and forgets the object.
    func remove(_ object: StoredObject) throws(Failure) -> [PieceTrouble?] {
        _ = try connect(object.holders, enough: object.holders.count)
        let troubles = try running { () throws(SystemError) in try pieces.remove(object.pieces) }
        try shelf.remove(object)
        return troubles
    }
}

extension PieceTrouble {
    var sentence: String {
        switch self {
        case .away: "it is not connected"
        case .slow: "it took too long"
        case .lied: "what it handed out is not the piece"
        case .refused(.unknown): "it has no such piece"
        case .refused(.damaged): "it found the piece damaged"
        case .refused(.full): "its capacity is used up"
        case .refused(.diskFull): "its disk is full"
        case .refused(.unavailable): "its disk fails"
        case .refused(let status): "it refused: \(status)"
        }
    }
}

extension Failure {
    fileprivate static func tooLong(_ path: String) -> Failure {
        Failure(
            .badValue,
            "\(path) is too long for one object: the list of its pieces would have more than "
                + "\(StoredObject.fileLimit >> 20) MiB", do: Hint("split", "cuts a file into several"))
    }

    fileprivate static func tooFewHolders(_ count: Int, of known: Int, for code: ErasureCode) -> Failure {
        Failure(
            .holdersMissing,
            "\(code.total) holders are needed for \(code.needed) of \(code.total), and \(count) of \(known) that are "
                + "known could be reached")
    }
}
