public import CairnBase
public import CairnStorage
import CairnWire

/// One sealed partition on the disk: the packed units in one file, their roots in another.
///
/// A unit is synced before its root is written, and a unit without a root was never sealed: whoever is stopped in the middle
/// begins that unit again. The file of roots says first for whom it was sealed and how, so that no mask of another provider is
/// taken for one's own.
public final class SealedFile: SealedBytes {
    /// For whom, and how, a partition is sealed.
    public struct Identity: Sendable, Hashable {
        public let chain: ChainID
        public let provider: Digest
        public let partition: UInt32
        public let units: UInt32
        public let passes: UInt32

        public init(chain: ChainID, provider: Digest, partition: UInt32, units: UInt32, passes: UInt32) {
            self.chain = chain
            self.provider = provider
            self.partition = partition
            self.units = units
            self.passes = passes
        }

        fileprivate var header: [UInt8] {
            var writer = ByteWriter(capacity: SealedFile.headerBytes)
            writer.raw(Array("cairn-sealed-1\n\0".utf8))
            writer.identifier(chain)
            writer.identifier(provider)
            writer.u32(partition)
            writer.u32(units)
            writer.u32(passes)
            return writer.bytes
        }
    }

    private static let headerBytes = 16 + 32 + 32 + 12

    public let identity: Identity
    /// Of the units that are sealed, from the first on.
    public private(set) var roots: [Digest] = []
    private let packed: DiskFile
    private let list: DiskFile

    /// Opens a partition where it was left, or begins it; `directory` is made if it is not there, in one that is.
    public init(directory: String, _ identity: Identity) throws(StoreError) {
        self.identity = identity
        if !DiskFile.exists(directory) { try DiskFile.makeDirectory(directory) }
        let name = "\(directory)/\(identity.partition)"
        packed = try DiskFile.grow(name + ".packed")
        list = try DiskFile.grow(name + ".roots")
        try DiskFile.syncDirectory(directory)
        let header = try list.read(Self.headerBytes, at: 0)
        if header.count < Self.headerBytes {
            // Nothing was sealed before the header was whole.
            try packed.cut(to: 0)
            try list.cut(to: 0)
            try list.append(identity.header)
            try list.sync()
        } else if header != identity.header {
            throw .damaged(row: "\(name).roots is of another provider, chain or profile: move it away")
        }
        try resume()
    }

    public var isWhole: Bool { roots.count == Int(identity.units) }

    private func resume() throws(StoreError) {
        let written = (list.size - Self.headerBytes) / Bytes32.count
        let count = min(max(0, written), Int(identity.units), packed.size / StorageUnits.unitBytes)
        let bytes = try list.read(count * Bytes32.count, at: Self.headerBytes)
        for first in stride(from: 0, to: bytes.count, by: Bytes32.count) {
            guard let root = Bytes32(Array(bytes[first..<min(first + Bytes32.count, bytes.count)])) else { break }
            roots.append(Digest(root))
        }
        try packed.cut(to: roots.count * StorageUnits.unitBytes)
        try list.cut(to: Self.headerBytes + roots.count * Bytes32.count)
    }

    /// Keeps the next packed unit, durably.
    public func append(_ unit: [UInt8], root: Digest) throws(StoreError) {
        guard !isWhole, unit.count == StorageUnits.unitBytes else { return }
        do throws(StoreError) {
            try packed.append(unit)
            try packed.sync()
            try list.append(root.raw.bytes)
            try list.sync()
        } catch {
            // A part of it may be there: what comes next has to begin where this did.
            try? packed.cut(to: roots.count * StorageUnits.unitBytes)
            try? list.cut(to: Self.headerBytes + roots.count * Bytes32.count)
            throw error
        }
        roots.append(root)
    }

    public func leaf(_ place: UInt64) throws(StoreError) -> [UInt8] {
        let offset = Int(clamping: place.multipliedReportingOverflow(by: UInt64(StorageUnits.leafBytes)).partialValue)
        return try packed.read(StorageUnits.leafBytes, at: offset)
    }

    public func unit(_ number: Int) throws(StoreError) -> [UInt8] {
        try packed.read(StorageUnits.unitBytes, at: number * StorageUnits.unitBytes)
    }

    /// How much room there is beside it, for those who are not root.
    public static func free(in directory: String, _ space: DiskSpace) -> UInt64? { space.free(at: directory) }
}
