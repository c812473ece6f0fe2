import CairnBase
import CairnTransport
import CairnWire

/// Hands the genesis of our network to anybody who asks, so that a newcomer needs nothing but its hash.
///
/// Strangers may ask: whoever joins is one still. The answer is one frame: our hello, by which the other sees whether
/// version and clock fit, and the genesis. Nothing is read.
final class GenesisService: StreamService {
    static let stream = StreamProtocol("/cairn/genesis/1", .block)

    let protocols = [stream]
    private let genesis: [UInt8]
    private let hello: () -> PeerHello?
    // ORDER: looked up by link only. One answer at a time is enough for anybody.
    private var serving: [LinkID: StreamID] = [:]

    init(_ genesis: [UInt8], hello: @escaping () -> PeerHello?) {
        self.genesis = genesis
        self.hello = hello
    }

    func linkEstablished(_ link: PeerLink) {}

    func linkEnded(_ link: PeerLink) { serving[link.id] = nil }

    func handle(_ event: Connection.Event, on link: PeerLink) -> Bool {
        switch event {
        case .opened(let id, Self.stream.name):
            answer(id, on: link)
        case .received(let id, let bytes):
            guard serving[link.id] == id else { return false }
            link.perform { connection, more in
                connection.consume(id, bytes.count, into: &more)
                connection.reset(id, into: &more)
            }
        case .finished(let id): return serving[link.id] == id
        case .closed(let id):
            guard serving[link.id] == id else { return false }
            serving[link.id] = nil
        default: return false
        }
        return true
    }

    private func answer(_ id: StreamID, on link: PeerLink) {
        let isFirst = serving[link.id] == nil
        if isFirst { serving[link.id] = id }
        link.perform { connection, more in
            guard isFirst, let hello = hello() else { return connection.reset(id, into: &more) }
            var body = ByteWriter(capacity: genesis.count + 256)
            body.bytes(hello.encoded)
            body.raw(genesis)
            var frame = ByteWriter(capacity: body.bytes.count + 4)
            frame.frame(.uvarint, body.bytes)
            // More than may wait for one peer is handed over as a file, by people.
            guard connection.write(id, frame.bytes) else { return connection.reset(id, into: &more) }
            connection.finish(id)
        }
    }
}
