internal import CairnBase
internal import CairnCrypto
internal import CairnWire
internal import Glibc

/// A file of records, each behind a check of its own, that only grows until it is written anew.
///
/// A process can end within any write: reading stops before the first record that is not whole, and whoever opens the file
/// cuts it there. Whether a record is synced is the owner's to say.
struct RecordFile: ~Copyable {
    private let path: String
    private let tag: DomainTag
    private var file: FileDescriptor

    /// What a record takes beside its own bytes.
    static let overhead = 12

    /// The file at a path with what `read` makes of its records, which it ends behind; it is made if it is not there.
    ///
    /// - Parameters:
    ///   - sizeLimit: of the file. More is refused.
    ///   - recordLimit: of one record's bytes.
    ///   - read: false at the first record that is none.
    init(
        _ path: String, _ tag: DomainTag, sizeLimit: Int, recordLimit: Int, read: ([UInt8]) -> Bool
    ) throws(SystemError) {
        self.path = path
        self.tag = tag
        var contents: [UInt8] = []
        do throws(SystemError) {
            contents = try SmallFile.read(path, limit: sizeLimit)
        } catch {
            guard error.isNotFound else { throw error }
        }
        var reader = ByteReader(contents.span.bytes)
        var records: [[UInt8]] = []
        while let check = try? reader.u64(), let bytes = try? reader.bytes(limit: recordLimit),
            check == Self.check(bytes, tag), read(bytes)
        {
            records.append(bytes)
        }
        file = try Self.written(records, to: path, tag)
    }

    func append(_ bytes: [UInt8]) throws(SystemError) {
        try SmallFile.write(Self.record(bytes, tag), to: file)
    }

    func sync() throws(SystemError) {
        guard fdatasync(file.raw) == 0 else { throw lastError("fdatasync") }
    }

    /// Puts these records in the place of all; they are durable afterwards.
    mutating func replace(with records: [[UInt8]]) throws(SystemError) {
        file = try Self.written(records, to: path, tag)
    }

    private static func written(
        _ records: [[UInt8]], to path: String, _ tag: DomainTag
    ) throws(SystemError) -> FileDescriptor {
        try SmallFile.replace(path, with: records.flatMap { record($0, tag) })
        let result = open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
        guard result >= 0 else { throw lastError("open") }
        return FileDescriptor(result)
    }

    private static func record(_ bytes: [UInt8], _ tag: DomainTag) -> [UInt8] {
        var writer = ByteWriter(capacity: bytes.count + overhead)
        writer.u64(check(bytes, tag))
        writer.bytes(bytes)
        return writer.bytes
    }

    private static func check(_ bytes: [UInt8], _ tag: DomainTag) -> UInt64 {
        Blake2b().digest(tag, bytes).raw.low64
    }
}
