import CairnBase
import CairnWire

/// An append-only file of checked records on a simulated disk, each in sectors of its own.
///
/// Every record is linked to the one before it, so that what a crash left behind the end can never become part of the
/// log again. One record is under way at a time: whoever appends waits for the sync.
struct RecordFile: Sendable {
    let name: String
    private(set) var end = 0
    private var link = Digest.zero
    private static let sector = 4_096
    private static let tag = DomainTag("sim/record")

    init(name: String) {
        self.name = name
    }

    /// The write that appends a record.
    mutating func append(_ body: [UInt8]) -> DiskRequest {
        var writer = ByteWriter(capacity: body.count + 40)
        writer.identifier(Self.check(link, body))
        writer.bytes(body)
        var bytes = writer.bytes
        bytes += [UInt8](repeating: 0, count: (Self.sector - bytes.count % Self.sector) % Self.sector)
        defer {
            end += bytes.count
            link = Self.check(link, body)
        }
        return .write(file: name, offset: end, bytes: bytes)
    }

    /// The records of a file up to the first that is not whole, and the write that makes the last one durable again:
    /// it may have been read from a cache.
    static func read(_ name: String, in image: DiskImage) -> (file: RecordFile, records: [[UInt8]], tail: DiskRequest?)
    {
        var file = RecordFile(name: name)
        var records: [[UInt8]] = []
        var tail: DiskRequest?
        let bytes = image.contents(of: name) ?? []
        while let body = body(at: file.end, in: bytes, after: file.link) {
            tail = file.append(body)
            records.append(body)
        }
        return (file, records, tail)
    }

    private static func body(at offset: Int, in bytes: [UInt8], after link: Digest) -> [UInt8]? {
        guard offset < bytes.count else { return nil }
        var reader = ByteReader(bytes.span.bytes.extracting(offset..<bytes.count))
        guard let check = try? reader.identifier(Digest.self), let body = try? reader.bytes(limit: 1 << 24),
            check == Self.check(link, body)
        else { return nil }
        return body
    }

    private static func check(_ link: Digest, _ body: [UInt8]) -> Digest {
        MixHash().digest(tag, link.raw.bytes + body)
    }
}
