public import CairnBase
public import CairnWire

/// A snapshot's header and the hashes of its chunks: with them every chunk can be checked when it comes.
public struct SnapshotContents: Sendable, Hashable {
    public let header: SnapshotHeader
    public let chunks: [Digest]

    public init(header: SnapshotHeader, chunks: [Digest]) {
        self.header = header
        self.chunks = chunks
    }

    /// The hashes that one answer has room for; a larger snapshot goes from hand to hand only.
    public static let servedChunksMax = 16_384

    private static let chunkTag = DomainTag("cn/snap.chunk")
    private static let listTag = DomainTag("cn/snap.list")

    public static func hash(ofChunk bytes: [UInt8], using hash: some HashFunction) -> Digest {
        hash.digest(chunkTag, bytes)
    }

    public static func hash(ofList chunks: [Digest], using hash: some HashFunction) -> Digest {
        hash.digest(listTag, chunks.flatMap(\.raw.bytes))
    }

    /// Whether the hashes are those that the header stands for.
    public func isWhole(using hash: some HashFunction) -> Bool {
        chunks.count == Int(header.chunkCount) && Self.hash(ofList: chunks, using: hash) == header.chunkList
    }

    public func holds(_ chunk: [UInt8], at number: Int, using hash: some HashFunction) -> Bool {
        chunks.indices.contains(number) && Self.hash(ofChunk: chunk, using: hash) == chunks[number]
    }
}

extension SnapshotContents: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        header = try SnapshotHeader(from: &reader)
        chunks = try reader.list(limit: Self.servedChunksMax) { reader throws(DecodeError) in try reader.identifier() }
    }

    public func encode(into writer: inout ByteWriter) {
        header.encode(into: &writer)
        writer.list(chunks) { $0.identifier($1) }
    }
}
