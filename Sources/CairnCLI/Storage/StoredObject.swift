import CairnBase
import CairnCrypto
import CairnRuntime
import CairnStorage
import CairnTransport
import CairnWire

/// What this home knows of an object it has put with holders: the file `objects/ID.json`, which holds no secret.
///
/// It is written when every piece is durable with its holder, so what has no file is no object.
struct StoredObject: Sendable, Equatable {
    /// Random; with the storage key of the home it gives the key of the object.
    let id: Bytes32
    /// Of the file that was put.
    let name: String
    var byteCount: UInt64
    let code: ErasureCode
    /// In front of the sealed stream, in the clear.
    let header: [UInt8]
    var segments: [Segment] = []
    /// Everybody who has a piece.
    var holders: [PeerAddress] = []

    struct Segment: Sendable, Equatable {
        /// Of the sealed bytes in it.
        let length: Int
        /// Shard after shard.
        let pieces: [PlacedPiece]
        /// What the chain calls it, if the chain has it held.
        var order: Digest?
    }

    /// A longer list is not read, nor written: about 300 GiB as 4 of 8.
    static let fileLimit = 4 << 20
    static let limits = JSONReader.Limits(bytes: fileLimit, nodes: 200_000)

    var pieces: [PlacedPiece] { segments.flatMap(\.pieces) }
    var text: String { id.description }
}

// MARK: The file

extension StoredObject {
    var json: JSON {
        let places = Dictionary(uniqueKeysWithValues: holders.enumerated().map { ($1.node, $0) })
        return [
            "schema": "cairn.object/1", "id": .string(text), "name": .string(name), "bytes": JSON(byteCount),
            "needed": JSON(code.needed), "shards": JSON(code.total), "header": .string(hex(header)),
            "holders": .array(
                holders.map { ["node": .string($0.node.peerID), "address": .string("\($0.endpoint)")] }),
            "segments": .array(
                segments.map { segment in
                    [
                        "bytes": JSON(segment.length), "order": segment.order.map { .string("\($0)") } ?? .null,
                        "pieces": .array(
                            segment.pieces.map {
                                ["root": .string($0.name.root.description), "holder": JSON(places[$0.holder] ?? 0)]
                            }),
                    ]
                }),
        ]
    }

    /// One that is not whole yet may have no segments.
    init?(_ json: JSON, isWhole: Bool = true) {
        guard let id = json["id"]?.string.flatMap({ bytes(hex: $0) }).flatMap({ Bytes32($0) }),
            let name = json["name"]?.string, let byteCount: UInt64 = json["bytes"]?.integer(),
            let needed: Int = json["needed"]?.integer(), let total: Int = json["shards"]?.integer(),
            let code = ErasureCode(needed: needed, total: total),
            let header = json["header"]?.string.flatMap({ bytes(hex: $0) }), header.count == SecretStream.headerCount
        else { return nil }
        (self.id, self.name, self.byteCount, self.code, self.header) = (id, name, byteCount, code, header)
        for item in json["holders"]?.array ?? [] {
            guard let holder = Self.holder(item) else { return nil }
            holders.append(holder)
        }
        for item in json["segments"]?.array ?? [] {
            guard let segment = segment(item) else { return nil }
            segments.append(segment)
        }
        // Every object has at least the end of its stream.
        guard !segments.isEmpty || !isWhole else { return nil }
    }

    /// Whether the list of a file of so many bytes keeps to its limit, with room to spare.
    static func fits(_ byteCount: UInt64, _ code: ErasureCode) -> Bool {
        let segments = byteCount / UInt64(StorageUnits.segmentBytes) * 1_001 / 1_000 + 2
        let perSegment = UInt64(code.total) * 96 + 160
        let (bytes, overflow) = segments.multipliedReportingOverflow(by: perSegment)
        return !overflow && bytes + UInt64(code.total) * 160 + 4_096 <= UInt64(fileLimit)
    }

    private static func holder(_ json: JSON) -> PeerAddress? {
        guard let node = json["node"]?.string, let node = try? NodeID(peerID: node),
            let endpoint = json["address"]?.string.flatMap({ Endpoint($0) })
        else { return nil }
        return PeerAddress(node, at: endpoint)
    }

    private func segment(_ json: JSON) -> Segment? {
        guard let length: Int = json["bytes"]?.integer(),
            let layout = SegmentLayout(length: length, needed: code.needed), let list = json["pieces"]?.array
        else { return nil }
        let pieces: [PlacedPiece] = list.compactMap { piece in
            guard let root = piece["root"]?.string.flatMap({ bytes(hex: $0) }).flatMap({ Bytes32($0) }),
                let name = PieceName(root: Digest(root), units: layout.shardUnits),
                let place: Int = piece["holder"]?.integer(), holders.indices.contains(place)
            else { return nil }
            return PlacedPiece(name, with: holders[place].node)
        }
        let order = json["order"]?.string.flatMap { bytes(hex: $0) }.flatMap { Bytes32($0) }.map { Digest($0) }
        return pieces.count == code.total ? Segment(length: length, pieces: pieces, order: order) : nil
    }
}
