internal import CairnBase
internal import CairnNode
internal import CairnStorage
internal import CairnWire

/// What a node that keeps pieces tells about them.
extension NodeShell {
    var storageRoutes: [HTTPRoute] {
        guard configuration.storage != nil else { return [] }
        return [
            HTTPRoute(.get, "/v1/storage", as: "node.storage", "How much of what this node keeps for others is used.") {
                [unowned self] _ in
                pieces.map { .json($0.document(custody, audits, sealed)) }
                    ?? .problem(.unavailable, code: "no-storage", "the node takes part in no network yet")
            }
        ]
    }

    func collectStorageMetrics() {
        for (result, count) in audits?.seen ?? [] where count > 0 {
            metrics.audits["\(result)"].raise(to: count)
        }
        metrics.audits["unasked"].raise(to: audits?.unasked ?? 0)
        guard let pieces else { return }
        for status in PieceStatus.allCases {
            metrics.pieceAnswers[status.word].raise(to: pieces.counters.answers[status] ?? 0)
        }
        metrics.pieceBytes["capacity"].set(Int64(clamping: pieces.fill.offer.capacity))
        metrics.pieceBytes["used"].set(Int64(clamping: pieces.fill.offer.used))
        metrics.unserved["pieces"].raise(to: pieces.unserved)
        metrics.pieces.set(Int64(clamping: pieces.fill.pieces))
        metrics.scrubbed["whole"].raise(to: pieces.counters.scrubbed - pieces.counters.damaged)
        metrics.scrubbed["damaged"].raise(to: pieces.counters.damaged)
        metrics.scrubbed["unread"].raise(to: pieces.counters.unread)
        if let custody { metrics.custody.collect(custody) }
        if let sealed {
            let (done, all) = sealed.progress
            metrics.custody.sealedUnits["sealed"].set(Int64(clamping: done))
            metrics.custody.sealedUnits["missing"].set(Int64(clamping: all - done))
            metrics.unserved["sealed"].raise(to: sealed.unserved)
        }
    }
}

extension PieceService {
    func document(_ custody: CustodyShell?, _ audits: AuditShell?, _ sealed: SealedService?) -> JSON {
        [
            "schema": "cairn.storage/1", "capacity": JSON(fill.offer.capacity), "used": JSON(fill.offer.used),
            "pieces": JSON(fill.pieces), "drafts": JSON(fill.drafts), "scrubbed": JSON(counters.scrubbed),
            "damaged": JSON(counters.damaged), "unread": JSON(counters.unread), "unwanted": JSON(counters.unwanted),
            "custody": custody?.document ?? .null, "witnessed": audits?.document ?? .null,
            "sealed": sealed?.document ?? .null,
            "answers": .object(
                PieceStatus.allCases.compactMap { status in
                    counters.answers[status].map { JSON.Member(status.word, JSON($0)) }
                }),
        ]
    }
}

extension PieceStatus {
    /// How documents and metrics call it.
    var word: String {
        switch self {
        case .well: "well"
        case .unknown: "unknown"
        case .malformed: "malformed"
        case .full: "full"
        case .diskFull: "disk-full"
        case .mismatch: "mismatch"
        case .damaged: "damaged"
        case .outOfOrder: "out-of-order"
        case .busy: "busy"
        case .unavailable: "unavailable"
        }
    }
}
