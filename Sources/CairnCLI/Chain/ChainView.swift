import CairnBase
import CairnLedger
import CairnRuntime
import CairnStore
import CairnWire

/// What a question about the chain is asked of: a home's chain as it stands now, or as it stood after an older block.
///
/// It reads the database beside the node, which need not run. An older state is not kept anywhere: it is worked out again
/// from the blocks, which takes a while on a long chain and trusts nobody.
struct ChainView {
    let reader: ChainReader
    /// The block after which everything is said.
    let height: Height
    let root: Digest
    let past: MemoryState?

    /// The chain of the home that a command means, at `--at` where that is given.
    init(_ session: Session, at wanted: UInt64? = nil) throws(Failure) {
        try self.init(NodeFinder(session).home(), at: wanted)
    }

    init(_ home: Home, at wanted: UInt64? = nil) throws(Failure) {
        guard Directory.exists(home.path), fileExists(joinPath(home.path, "chain.db")) else {
            throw Failure(.chainNotFound, "there is no chain in \(home.path)", tried: [Hint(home.path, "no chain.db")])
        }
        reader = try Self.reading { () throws(StoreError) in try ChainReader(directory: home.path) }
        guard let wanted, wanted != reader.head.height.number else {
            (height, root, past) = (reader.head.height, reader.head.root, nil)
            return
        }
        guard wanted < reader.head.height.number else {
            throw Failure(.notOnChain, "block \(wanted) is not here yet; the newest is \(reader.head.height)")
        }
        var replay = try Self.reading { [reader] () throws(StoreError) in try ChainReplay(reader) }
        while replay.height.number < wanted {
            let findings = try Self.reading { () throws(StoreError) in try replay.advance() }
            guard let findings else { throw Failure(.notOnChain, "block \(replay.height.next) is not kept here") }
            if let first = findings.first { throw Failure(.chainDamaged, first) }
        }
        (height, root, past) = (replay.height, replay.state.root, replay.state)
    }

    static func reading<Value>(_ body: () throws(StoreError) -> Value) throws(Failure) -> Value {
        do throws(StoreError) {
            return try body()
        } catch {
            throw Failure(error)
        }
    }

    func read<Value>(_ body: (ChainReader) throws(StoreError) -> Value) throws(Failure) -> Value {
        try Self.reading { () throws(StoreError) in try body(reader) }
    }
}

extension ChainView {
    func load<Value: Record>(_ key: RecordKey<Value>) throws(Failure) -> Value? {
        do throws(StateError) {
            if let past { return try past.load(key) }
            return try reader.load(key)
        } catch {
            throw Failure(StoreError(error))
        }
    }

    /// A record that genesis wrote and nothing removes.
    func require<Value: Record>(_ key: RecordKey<Value>) throws(Failure) -> Value {
        guard let value = try load(key) else { throw Failure(.chainDamaged, "the state lacks \(key.key)") }
        return value
    }

    /// The entries of one table in the order of keys.
    func entries(of table: StateTable) throws(Failure) -> [StateChange] {
        if let past { return past.entries.filter { $0.key.table == table } }
        return try read { reader throws(StoreError) in try reader.entries(of: table) }
    }

    func records<Value: Record>(
        _ table: StateTable, _: Value.Type
    ) throws(Failure) -> [(key: StateKey, value: Value)] {
        var found: [(key: StateKey, value: Value)] = []
        for entry in try entries(of: table) {
            guard let bytes = entry.value, let value = try? Value.decode(bytes, limit: bytes.count) else {
                throw Failure(.chainDamaged, "the bytes of \(entry.key) are no \(table)")
            }
            found.append((entry.key, value))
        }
        return found
    }

    /// The parameters and the epoch that the next block belongs to.
    func now() throws(Failure) -> (parameters: Parameters, epoch: Epoch) {
        let parameters = try require(.parameters)
        return (parameters, parameters.epoch(of: height.next))
    }

    /// The one resource whose id begins so.
    func resource(_ text: String) throws(Failure) -> (id: ResourceID, resource: Resource) {
        if text.utf8.count == 64, let raw = bytes(hex: text), let id = ResourceID(raw) {
            guard let resource = try load(RecordKey<Resource>.resource(id)) else {
                throw Failure(.notOnChain, "there is no resource \(text)", do: Hint("cairn resource", "lists them"))
            }
            return (id, resource)
        }
        guard text.utf8.count >= 4, text.allSatisfy(\.isHexDigit) else {
            throw Failure(.badValue, "\(quoted(text)) is no resource: its id, or at least four digits of its start")
        }
        let matches = try records(.resource, Resource.self).compactMap { key, resource in
            ResourceID(Array(key.bytes.dropFirst())).map { (id: $0, resource: resource) }
        }.filter { $0.id.description.hasPrefix(text) }
        guard let match = matches.first else {
            throw Failure(.notOnChain, "there is no resource \(text)…", do: Hint("cairn resource", "lists them"))
        }
        guard matches.count == 1 else {
            throw Failure(
                .badValue, "\(matches.count) resources begin with \(text)",
                found: matches.prefix(5).map { Hint($0.id.description, $0.resource.offer.profile.name) },
                do: Hint("Give more digits."))
        }
        return match
    }
}

extension Failure {
    /// Why a home's chain cannot be read.
    init(_ error: StoreError) {
        switch error {
        case .damaged(let row): self.init(.chainDamaged, "damaged: \(row)")
        case .locked(_, let pid):
            self.init(
                .nodeRunning, "a node uses this home's chain\(pid.map { ": pid \($0)" } ?? "")",
                do: Hint("cairn stop", "ends it"))
        case .exists: self.init(.copyExists, "\(error)")
        case .snapshot: self.init(.copyRefused, "\(error)")
        case .diskFull, .checkpoint: self.init(.cannotWrite, "\(error)")
        case .sqlite, .file, .stopped, .outOfOrder:
            self.init(.cannotRead, "the chain cannot be read: \(error)")
        case .older, .newer, .newerRules, .foreign, .otherTables, .otherChain: self.init(.cannotRead, "\(error)")
        }
    }
}

/// Flags and arguments of the commands that ask the chain.
enum ChainFlags {
    static let at = Flag.integer(
        "at", "HEIGHT", in: 0...UInt64.max, "As it stood after that block, worked out again from the blocks")
    static let limit = Flag.integer("limit", "N", in: 1...Page.limitMax, "At most so many rows; 100 unless told")
    static let skip = Flag.integer("skip", "N", in: 0...UInt64.max, "Leave out the first so many rows")
    static let paged = [limit.declaration, skip.declaration]
    static let exits: [ExitCode] = [.failed, .notFound, .damaged]
}

extension Session {
    /// The chain that a command asks, at its newest block or at `--at`.
    func chain() throws(Failure) -> ChainView {
        try ChainView(
            self, at: invocation.command.declares(ChainFlags.at.declaration) ? invocation[ChainFlags.at] : nil)
    }

    var page: Page {
        Page(skip: invocation[ChainFlags.skip] ?? 0, limit: invocation[ChainFlags.limit] ?? 100)
    }

    /// The part of a list that was asked for.
    func page<Row>(of rows: [Row]) -> [Row] {
        Array(rows.dropFirst(Int(clamping: page.skip)).prefix(Int(clamping: page.limit)))
    }

    /// An id as it is shown: short for eyes, whole for pipes.
    func shown(_ id: some Identifier) -> String { showsFullIDs ? id.description : id.short }

    func shown(_ account: AccountID) -> String { showsFullIDs ? account.text : shortened(account.text) }
}

/// A list that a page may have cut short.
func pageMembers(_ name: String, _ rows: [JSON], of total: Int) -> [JSON.Member] {
    [.init("total", JSON(total)), .init(name, .array(rows))]
}
