import CairnBase
import CairnCrypto
import CairnStorage

/// A piece that a client is writing: a file beside the others, and the digest of what is in it.
///
/// Nobody is told that the piece is there before it was put in its place.
struct PieceDraft: ~Copyable {
    let name: PieceName
    let path: String
    private(set) var touched: Instant
    private(set) var digest = PieceDigest()
    private let file: DiskFile

    init(_ name: PieceName, at path: String, now: Instant) throws(StoreError) {
        self.name = name
        self.path = path
        touched = now
        file = try DiskFile.create(path)
    }

    mutating func append(_ bytes: [UInt8], at now: Instant) throws(StoreError) {
        touched = now
        try file.append(bytes)
        digest.update(bytes.span.bytes, using: Blake2b())
    }

    var isWhole: Bool { digest.byteCount == name.byteCount }
    var isWhatItSays: Bool { digest.name(using: Blake2b()) == name }

    func sync() throws(StoreError) { try file.sync() }
}
