import CairnBase
import CairnRuntime
import CairnStorage
import CairnWire
import Glibc

/// A state of a file: what a put that goes on later must find unchanged.
struct SourceMark: Sendable, Equatable {
    let path: String
    let byteCount: UInt64
    let inode: UInt64
    let seconds: Int64
    let nanoseconds: Int64
}

/// A put that is under way: the file `objects/ID.draft`, which goes when its object is whole.
///
/// What is sealed under one header must never be other bytes than the first time, for whoever has both would learn what they
/// differ in. So the pieces of a segment are named here before the first of them leaves.
struct PutDraft: Sendable, Equatable {
    let mark: SourceMark
    /// Whether the chain has it held.
    let isPaid: Bool
    /// Its segments are durable with their holders; its holders are all that were known, in the order in which they are asked.
    var object: StoredObject
    /// The pieces of the segment behind those, once it was coded.
    var underWay: [Digest]?
    /// What the chain calls that segment, once it was ordered.
    var order: Digest?

    init(_ mark: SourceMark, isPaid: Bool, _ object: StoredObject) {
        (self.mark, self.isPaid, self.object) = (mark, isPaid, object)
    }

    var json: JSON {
        [
            "schema": "cairn.put/1", "path": .string(mark.path), "bytes": JSON(mark.byteCount),
            "inode": JSON(mark.inode), "seconds": JSON(mark.seconds), "nanoseconds": JSON(mark.nanoseconds),
            "paid": .bool(isPaid), "object": object.json, "order": order.map { .string("\($0)") } ?? .null,
            "under_way": underWay.map { .array($0.map { .string("\($0)") }) } ?? .null,
        ]
    }

    init?(_ json: JSON) {
        guard let path = json["path"]?.string, let byteCount: UInt64 = json["bytes"]?.integer(),
            let inode: UInt64 = json["inode"]?.integer(), let seconds: Int64 = json["seconds"]?.integer(),
            let nanoseconds: Int64 = json["nanoseconds"]?.integer(), let isPaid = json["paid"]?.bool,
            let object = json["object"].flatMap({ StoredObject($0, isWhole: false) })
        else { return nil }
        mark = SourceMark(
            path: path, byteCount: byteCount, inode: inode, seconds: seconds, nanoseconds: nanoseconds)
        (self.isPaid, self.object) = (isPaid, object)
        if let list = json["under_way"]?.array {
            let roots = list.compactMap { $0.string.flatMap(Digest.init(hex:)) }
            guard roots.count == object.code.total, roots.count == list.count else { return nil }
            underWay = roots
        }
        order = json["order"]?.string.flatMap(Digest.init(hex:))
    }
}

extension Digest {
    init?(hex text: String) {
        guard let raw = bytes(hex: text).flatMap({ Bytes32($0) }) else { return nil }
        self.init(raw)
    }
}

extension ObjectShelf {
    private static let draftSuffix = ".draft"

    /// A put of this file that did not come to its end, and that no other process is at; locked from now on.
    func unfinished(_ path: String, isPaid: Bool) throws(Failure) -> (draft: PutDraft, lock: PutLock)? {
        for name in Directory.names(directory) where name.hasSuffix(Self.draftSuffix) {
            guard let seen = draft(name), seen.mark.path == path, seen.isPaid == isPaid,
                let lock = try lock(seen.object), let draft = draft(name)
            else { continue }
            // Its put ended between its last two steps.
            if fileExists(self.path(of: draft.object)) { remove(draft) } else { return (draft, lock) }
        }
        return nil
    }

    private func draft(_ name: String) -> PutDraft? {
        guard let text = try? TextFile.read(joinPath(directory, name), limit: StoredObject.fileLimit),
            let document = try? JSONReader.read(Array(text.utf8), limits: StoredObject.limits)
        else { return nil }
        return PutDraft(document)
    }

    /// Nil while another process puts this object.
    func lock(_ object: StoredObject) throws(Failure) -> PutLock? {
        try Directory.make(directory)
        guard let lock = try FileLock(draftPath(object) + ".lock") else { return nil }
        return PutLock(lock)
    }

    func save(_ draft: PutDraft) throws(Failure) {
        try TextFile.replace(draftPath(draft.object), draft.json.text + "\n", mode: 0o600)
    }

    func remove(_ draft: PutDraft) {
        // SAFETY: the paths are lent for the calls.
        for path in [draftPath(draft.object), draftPath(draft.object) + ".lock"] { _ = unsafe unlink(path) }
    }

    private func draftPath(_ object: StoredObject) -> String { joinPath(directory, object.text + Self.draftSuffix) }
}

/// Held as long as one process puts an object.
final class PutLock {
    private let lock: FileLock

    init(_ lock: consuming FileLock) { self.lock = lock }
}
