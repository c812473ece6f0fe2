public import CairnLedger

/// The committed state as the ledger reads it.
public struct StoredState: StateReader {
    let loaded: LoadedState

    public var tree: CommittedTree { loaded.tree }

    public func value(for key: StateKey) throws(StateError) -> [UInt8]? {
        do {
            return try loaded.value(for: key)
        } catch {
            throw StateError(error, reading: key)
        }
    }

    public func values(for keys: [StateKey]) throws(StateError) -> [[UInt8]?] { try loaded.values(for: keys) }

    public func bucket(at place: TreePath) throws(StateError) -> TreeBucket {
        do {
            return try loaded.bucket(at: place)
        } catch {
            throw StateError(error, reading: place)
        }
    }
}

extension StateError {
    init(_ error: StoreError, reading key: StateKey) {
        self = if case .damaged = error { .damaged(key) } else { StateError(error) }
    }

    init(_ error: StoreError, reading place: TreePath) {
        self = if case .damaged = error { .damagedBucket(place) } else { StateError(error) }
    }

    private init(_ error: StoreError) {
        let code: Int32 = if case .sqlite(let code, _, _) = error { code } else { 0 }
        self = .unreadable(code: code, detail: "\(error)")
    }
}

extension StoreError {
    /// The store's own word for what the state interface reported.
    public init(_ error: StateError) {
        switch error {
        case .damaged(let key): self = .damaged(row: "state \(key)")
        case .damagedBucket(let place): self = .damaged(row: "state below \(place)")
        case .unsupportedVersion(let version):
            self = .newerRules(version: version, known: ProtocolVersion.supported)
        case .unreadable(let code, let detail): self = .sqlite(code: code, message: detail, sql: "read state")
        }
    }
}
