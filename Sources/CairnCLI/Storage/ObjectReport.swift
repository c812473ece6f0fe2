import CairnRuntime
import CairnStorage
import CairnTransport
import CairnWire

extension StoredObject {
    /// For programs: what it is, without what it is made of.
    var summary: JSON {
        [
            "id": .string(text), "name": .string(name), "bytes": JSON(byteCount), "needed": JSON(code.needed),
            "shards": JSON(code.total), "segments": JSON(segments.count), "holders": JSON(holders.count),
        ]
    }
}

/// What the holders of an object say of its pieces.
struct ObjectReport {
    let object: StoredObject
    private let troubles: [PieceTrouble?]

    init(_ object: StoredObject, _ troubles: [PieceTrouble?]) {
        self.object = object
        self.troubles = troubles
    }

    /// Pieces of the segment that has fewest.
    var live: Int {
        let total = object.code.total
        return object.segments.indices.map { segment in
            troubles.dropFirst(segment * total).prefix(total).count { $0 == nil }
        }.min() ?? 0
    }

    var fields: [JSON.Member] {
        [
            .init("object", object.summary), .init("live", JSON(live)),
            .init(
                "holders",
                .array(
                    rows.map { row in
                        [
                            "node": .string(row.holder), "pieces": JSON(row.pieces), "there": JSON(row.there),
                            "trouble": row.trouble.map { .string($0) } ?? .null,
                        ]
                    })),
        ]
    }

    func text(_ style: Style) -> String {
        var table = TextTable(["HOLDER", "PIECES", "THERE", "TROUBLE"], right: [1, 2])
        for row in rows { table.add([row.holder, "\(row.pieces)", "\(row.there)", row.trouble ?? ""]) }
        return table.text(style)
            + "\(object.text)  \(live) of \(object.code.total) pieces are there where fewest are; "
            + "\(object.code.needed) are enough\n"
    }

    private var rows: [(holder: String, pieces: Int, there: Int, trouble: String?)] {
        object.holders.map { holder in
            let mine = zip(object.pieces, troubles).filter { $0.0.holder == holder.node }.map(\.1)
            return (
                holder.node.peerID, mine.count, mine.count { $0 == nil },
                mine.compactMap(\.self).first?.sentence
            )
        }
    }
}
