import CairnBase
public import CairnLedger
import CairnWire

/// A snapshot's file that is being written, chunk by chunk.
public struct SnapshotDraft: ~Copyable {
    private let file: DiskFile
    private let reserve: UInt64
    private let space: DiskSpace

    /// Where a home keeps the one that it fetches.
    public static func place(in home: String) -> String { home + "/snapshot.part" }

    /// Begins a new file where none is. Nothing is written once less than `reserve` of the disk is free.
    public init(
        _ contents: SnapshotContents, at path: String, keeping reserve: UInt64, space: DiskSpace = DiskSpace()
    ) throws(StoreError) {
        let file = try DiskFile.create(path)
        do throws(StoreError) {
            try file.append(contents.header.encoded + contents.chunks.flatMap(\.raw.bytes))
        } catch {
            DiskFile.remove(path)
            throw error
        }
        self.file = file
        self.reserve = reserve
        self.space = space
    }

    /// Takes the next chunk, in order.
    public func append(_ chunk: [UInt8]) throws(StoreError) {
        try requireRoom()
        var writer = ByteWriter(capacity: 4 + chunk.count)
        writer.bytes(chunk)
        try file.append(writer.bytes)
    }

    func sync() throws(StoreError) { try file.sync() }

    private func requireRoom() throws(StoreError) {
        guard let free = space.free(at: file.path), free < reserve else { return }
        throw .diskFull(free: free, need: reserve)
    }

    /// Whatever was written at a path is nothing to anyone.
    public static func remove(_ path: String) { DiskFile.remove(path) }
}
