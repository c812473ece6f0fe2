import CairnBase
import CairnWire
import CairnWitness

/// What a gateway has bound itself to, on disk before it says so: a second, different commit to one challenge would be
/// evidence against it.
///
/// The file belongs to one thread. A promise is worth keeping for as long as its challenge is open; what is older is
/// dropped when the file is written anew.
final class PromiseJournal {
    private static let recordMax = 500
    /// Records after which the file is written anew.
    private static let recordsMax = 1_024

    private var file: RecordFile
    private(set) var promises: [Promise]
    private var recordCount: Int

    /// Reads what is there. A record that was cut short was never acted on.
    init(directory: String) throws(SystemError) {
        var found: [Promise] = []
        file = try RecordFile(
            directory + "/promises.journal", DomainTag("cn/promise"),
            sizeLimit: 2 * Self.recordsMax * (Self.recordMax + RecordFile.overhead), recordLimit: Self.recordMax
        ) { bytes in
            guard let promise = try? Promise.decode(bytes, limit: Self.recordMax) else { return false }
            found.append(promise)
            return true
        }
        promises = found
        recordCount = found.count
    }

    /// Durable when it returns.
    func keep(_ promise: Promise) throws(SystemError) {
        promises.append(promise)
        recordCount += 1
        guard recordCount <= Self.recordsMax else { return try shorten() }
        try file.append(promise.encoded)
        try file.sync()
    }

    /// Writes the file anew with what is still open.
    private func shorten() throws(SystemError) {
        let newest = promises.map(\.height).max() ?? .genesis
        promises = promises.filter { Timeline($0.height).revealAccepted.upperBound >= newest }
        if promises.count > Self.recordsMax / 2 { promises.removeFirst(promises.count - Self.recordsMax / 2) }
        recordCount = promises.count
        try file.replace(with: promises.map(\.encoded))
    }
}
