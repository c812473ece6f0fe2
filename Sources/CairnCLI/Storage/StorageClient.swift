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
    let identity: StorageIdentity
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

    func connect(_ holders: [PeerAddress], enough: Int) throws(Failure) -> [NodeID] {
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

// MARK: Fetching

extension StorageClient {
    /// What whoever may read an object is given.
    func capability(of object: StoredObject) -> ReadCapability {
        ReadCapability(object: object, key: identity.key(of: object.id))
    }

    /// Fetches any pieces that are enough, and writes what they give under a name that is free.
    func get(_ capability: ReadCapability, to path: String) throws(Failure) {
        let object = try current(capability.object)
        var target = try ObjectTarget(path, of: object)
        var opened = OpenedSegments(key: capability.key, header: object.header)
        let first = try resume(&target, &opened, object, capability.key)
        _ = try connect(object.holders, enough: object.code.needed)
        let progress = showProgress("getting", of: object.byteCount, object.code.needed, of: object.code)
        defer { end(progress) }
        for (number, segment) in object.segments.enumerated().dropFirst(first) {
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
            if !isLast { try target.endSegment(opened.sealed) }
        }
        try target.keep()
    }

    /// How many segments an earlier time has left whole. What it left is sealed again, and counts where that gives the very
    /// pieces of the object.
    private func resume(
        _ target: inout ObjectTarget, _ opened: inout OpenedSegments, _ object: StoredObject, _ key: Bytes32
    ) throws(Failure) -> Int {
        guard target.found > 0 else { return 0 }
        var (whole, count) = (0, 0)
        var sealed = SealedSegments(key: key, object.code, again: object.header)
        for segment in object.segments.dropLast() {
            guard var bytes = try sealed.next(fromDraft: target),
                let coder = SegmentShards(length: bytes.count, object.code), coder.pad(&bytes),
                coder.names(of: bytes, using: VectorKernel(), Blake2b()) == segment.pieces.map(\.name)
            else { break }
            for start in stride(from: 0, to: segment.length, by: 1 << 20) {
                let portion = Array(bytes[start..<min(start + 1 << 20, segment.length)])
                guard let some = try? opened.take(portion, isLast: false) else {
                    throw Failure(.objectUnreadable, "what an earlier get left of \(object.text) does not open")
                }
                count += some.count
            }
            whole += 1
        }
        try target.resume(at: count)
        guard whole > 0 else { return 0 }
        // A try that comes to nothing leaves what it found.
        try target.endSegment(opened.sealed)
        session.note("\(whole) of \(object.segments.count) segments are there from an earlier get")
        return whole
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
    func showProgress(_ verb: String, of total: UInt64?, _ shards: Int, of code: ErasureCode)
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

    func end(_ progress: TransferProgress) {
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
