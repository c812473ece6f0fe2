import CairnBase
import CairnCrypto
import CairnWire
import CairnWitness
import Glibc

/// What a gateway has bound itself to, on disk before it says so: a second, different commit to one challenge would be
/// evidence against it.
///
/// The file belongs to one thread. A promise is worth keeping for as long as its challenge is open; what is older is
/// dropped when the file is written anew.
final class PromiseJournal {
    private static let name = "promises.journal"
    private static let checkLength = 8
    /// A promise, its check and its length.
    private static let recordMax = 512
    /// Records after which the file is written anew.
    private static let recordsMax = 1_024

    private let path: String
    private var file: FileDescriptor
    private(set) var promises: [Promise]
    private var recordCount: Int

    /// Reads what is there. A record that was cut short was never acted on, so the file ends before it.
    init(directory: String) throws(SystemError) {
        path = directory + "/" + Self.name
        promises = []
        do throws(SystemError) {
            promises = Self.records(in: try SmallFile.read(path, limit: 2 * Self.recordsMax * Self.recordMax))
        } catch {
            guard error.isNotFound else { throw error }
        }
        recordCount = promises.count
        try SmallFile.replace(path, with: promises.flatMap { Self.record($0) })
        file = try Self.opened(path)
    }

    /// Durable when it returns.
    func keep(_ promise: Promise) throws(SystemError) {
        promises.append(promise)
        recordCount += 1
        guard recordCount <= Self.recordsMax else { return try shorten() }
        try SmallFile.write(Self.record(promise), to: file)
        guard fdatasync(file.raw) == 0 else { throw lastError("fdatasync") }
    }

    /// Writes the file anew with what is still open.
    private func shorten() throws(SystemError) {
        let newest = promises.map(\.height).max() ?? .genesis
        promises = promises.filter { Timeline($0.height).revealAccepted.upperBound >= newest }
        if promises.count > Self.recordsMax / 2 { promises.removeFirst(promises.count - Self.recordsMax / 2) }
        recordCount = promises.count
        try SmallFile.replace(path, with: promises.flatMap { Self.record($0) })
        file = try Self.opened(path)
    }

    private static func opened(_ path: String) throws(SystemError) -> FileDescriptor {
        let result = open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
        guard result >= 0 else { throw lastError("open") }
        return FileDescriptor(result)
    }

    private static func record(_ promise: Promise) -> [UInt8] {
        let bytes = promise.encoded
        var writer = ByteWriter(capacity: bytes.count + 12)
        writer.u64(check(bytes))
        writer.bytes(bytes)
        return writer.bytes
    }

    private static func records(in file: [UInt8]) -> [Promise] {
        var promises: [Promise] = []
        var reader = ByteReader(file.span.bytes)
        while promises.count < 2 * recordsMax, let check = try? reader.u64(),
            let bytes = try? reader.bytes(limit: recordMax), check == Self.check(bytes),
            let promise = try? Promise.decode(bytes, limit: recordMax)
        {
            promises.append(promise)
        }
        return promises
    }

    private static func check(_ bytes: [UInt8]) -> UInt64 {
        Blake2b().digest(DomainTag("cn/promise"), bytes).raw.low64
    }
}
