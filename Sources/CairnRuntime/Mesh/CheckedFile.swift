import CairnBase
import CairnCrypto
import CairnWire
import Glibc

/// A small file that is written as a whole, behind a digest of its content, and that the node can do without.
///
/// One that is damaged counts for nothing, and is put aside under the same name and `.damaged`, for whoever wants to look; one that cannot be written is told of, and the node
/// goes on in either case.
struct CheckedFile {
    private let path: String
    private let tag: DomainTag
    private let log: Logger

    init(_ path: String, _ tag: DomainTag, log: Logger) {
        (self.path, self.tag, self.log) = (path, tag, log)
    }

    /// Nil where there is none, or none that is whole.
    func read<Content: Canonical>(_: Content.Type, limit: Int) -> Content? {
        do throws(SystemError) {
            let bytes = try SmallFile.read(path, limit: Bytes32.count + limit)
            let body = Array(bytes.dropFirst(Bytes32.count))
            if bytes.prefix(Bytes32.count).elementsEqual(check(body)),
                let content = try? Content.decode(body, limit: limit)
            {
                return content
            }
            putAside()
        } catch {
            guard !error.isNotFound else { return nil }
            if error.code == EFBIG {
                putAside()
                return nil
            }
            log.warn("file not read, begun anew", ["path": .text(path), "error": .text("\(error)")])
        }
        return nil
    }

    /// One is kept: the newest.
    private func putAside() {
        let isAside = rename(path, path + ".damaged") == 0
        log.warn(
            "file damaged, begun anew",
            ["path": .text(path), "aside": .text(isAside ? path + ".damaged" : "not possible")])
    }

    /// False when it was not written.
    @discardableResult
    func replace(with bytes: [UInt8]) -> Bool {
        do throws(SystemError) {
            try SmallFile.replace(path, with: check(bytes) + bytes)
            return true
        } catch {
            log.warn("file not written", ["path": .text(path), "error": .text("\(error)")])
            return false
        }
    }

    private func check(_ bytes: [UInt8]) -> [UInt8] { Blake2b().digest(tag, bytes).raw.bytes }
}
