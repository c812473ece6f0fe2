import CairnBase
import CairnWire

extension GossipEnvelope {
    private static let idsPerPiece = 500

    public var encoded: [UInt8] {
        var writer = ProtobufWriter()
        for subscription in subscriptions {
            writer.message(1) { inner in
                inner.bool(1, subscription.isOn)
                inner.string(2, subscription.topic.name)
            }
        }
        for message in messages { writer.bytes(2, message.encoded) }
        if hasControl { writer.message(3) { writeControl(into: &$0) } }
        return writer.bytes
    }

    private var hasControl: Bool {
        !(announced.isEmpty && wanted.isEmpty && grafts.isEmpty && prunes.isEmpty && unwanted.isEmpty)
    }

    private func writeControl(into writer: inout ProtobufWriter) {
        for announcement in announced {
            writer.message(1) { inner in
                inner.string(1, announcement.topic.name)
                for id in announcement.ids { inner.bytes(2, id.bytes) }
            }
        }
        if !wanted.isEmpty { writer.message(2) { inner in for id in wanted { inner.bytes(1, id.bytes) } } }
        for topic in grafts { writer.message(3) { $0.string(1, topic.name) } }
        for prune in prunes {
            writer.message(4) { inner in
                inner.string(1, prune.topic.name)
                inner.varint(3, prune.backoff.milliseconds / 1_000)
            }
        }
        if !unwanted.isEmpty { writer.message(5) { inner in for id in unwanted { inner.bytes(1, id.bytes) } } }
    }

    /// Bytes of the encoding, or a few more.
    public var byteCount: Int {
        var count = messages.reduce(0) { $0 + $1.encoded.count + 4 }
        count += subscriptions.reduce(0) { $0 + $1.topic.name.utf8.count + 6 }
        guard hasControl else { return count }
        count += announced.reduce(4) { $0 + $1.topic.name.utf8.count + 6 + $1.ids.count * (MessageID.count + 2) }
        count += (wanted.count + unwanted.count) * (MessageID.count + 2) + 8
        count += grafts.reduce(0) { $0 + $1.name.utf8.count + 4 }
        return count + prunes.reduce(0) { $0 + $1.topic.name.utf8.count + 8 }
    }

    /// The same in envelopes of at most `limit` bytes each, as every known implementation takes them. What is not cut
    /// goes with the first.
    func pieces(limit: Int) -> [GossipEnvelope] {
        guard byteCount > limit || messages.count > Self.idsPerPiece else { return isEmpty ? [] : [self] }
        var first = self
        (first.messages, first.announced, first.wanted) = ([], [], [])
        var pieces = first.isEmpty ? [] : [first]
        for announcement in announced {
            for start in stride(from: 0, to: announcement.ids.count, by: Self.idsPerPiece) {
                let ids = announcement.ids[start..<min(start + Self.idsPerPiece, announcement.ids.count)]
                var piece = GossipEnvelope()
                piece.announced = [Announcement(topic: announcement.topic, ids: Array(ids))]
                pieces.append(piece)
            }
        }
        for start in stride(from: 0, to: wanted.count, by: Self.idsPerPiece) {
            var piece = GossipEnvelope()
            piece.wanted = Array(wanted[start..<min(start + Self.idsPerPiece, wanted.count)])
            pieces.append(piece)
        }
        var piece = GossipEnvelope()
        var size = 0
        for message in messages {
            let count = message.encoded.count + 4
            if size + count > limit || piece.messages.count == Self.idsPerPiece, !piece.isEmpty {
                pieces.append(piece)
                (piece, size) = (GossipEnvelope(), 0)
            }
            piece.messages.append(message)
            size += count
        }
        if !piece.isEmpty { pieces.append(piece) }
        return pieces
    }

    /// Adds an id to what is announced of a topic.
    mutating func announce(_ id: MessageID, of topic: Topic) {
        if let index = announced.firstIndex(where: { $0.topic == topic }) {
            announced[index].ids.append(id)
        } else {
            announced.append(Announcement(topic: topic, ids: [id]))
        }
    }
}
