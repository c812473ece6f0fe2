import CairnBase
import CairnStorage
import CairnWire

/// What the chain says of an object that it has held: live, under repair and lost shards, segment by segment.
struct OrderReport {
    let object: StoredObject
    /// Nil for a segment whose object has ended.
    private let states: [ObjectState?]

    init(_ object: StoredObject, _ states: [ObjectState?]) {
        self.object = object
        self.states = states
    }

    /// Shards that are held, of the segment that has fewest.
    var live: Int { states.map { $0?.count(.held) ?? 0 }.min() ?? 0 }

    private var rows: [(number: Int, id: String, counts: [Int], left: String)] {
        zip(object.segments, states).enumerated().map { number, pair in
            (
                number, pair.0.order?.description ?? "",
                ObjectState.State.allCases.map { pair.1?.count($0) ?? 0 }, pair.1.map { "\($0.left)" } ?? "ended"
            )
        }
    }

    var fields: [JSON.Member] {
        [
            .init("object", object.summary), .init("live", JSON(live)),
            .init(
                "segments",
                .array(
                    rows.map { row in
                        [
                            "order": .string(row.id), "live": JSON(row.counts[0]), "under_repair": JSON(row.counts[1]),
                            "lost": JSON(row.counts[2]), "left": .string(row.left),
                        ]
                    })),
        ]
    }

    func text(_ style: Style) -> String {
        var table = TextTable(["SEGMENT", "ORDER", "LIVE", "UNDER REPAIR", "LOST", "LEFT"], right: [2, 3, 4, 5])
        for row in rows {
            table.add(["\(row.number)", String(row.id.prefix(12))] + row.counts.map { "\($0)" } + [row.left])
        }
        return table.text(style)
            + "\(object.text)  \(live) of \(object.code.total) shards are live where fewest are; "
            + "\(object.code.needed) are needed\n"
    }
}
