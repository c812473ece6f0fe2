import CairnBase
import CairnCrypto
import CairnRuntime
import CairnTransport
import CairnWire
import Glibc

/// `cairn-interop listen`, `cairn-interop dial IP:PORT PEER-ID COUNT` and `cairn-interop mesh COUNT RATE`: our end of the interoperability test.
///
/// It speaks what every libp2p node speaks and `/cairn/echo/1`, over the transport of the node itself. `scripts/interop`
/// puts another implementation at the other end.
@main
struct Interop {
    static let usage = "usage: cairn-interop listen | dial IP:PORT PEER-ID COUNT | mesh COUNT RATE"

    static func main() {
        do {
            let loop = try EventLoop()
            let arguments = Array(CommandLine.arguments.dropFirst())
            switch (arguments.first, arguments.count) {
            case ("listen", 1):
                let listening = try InteropListener(on: loop)
                say("listening \(listening.address)")
                try loop.run()
            case ("dial", 4):
                guard let endpoint = Endpoint(arguments[1]), let count = Int(arguments[3]) else { fail(usage) }
                let node = try NodeID(peerID: arguments[2])
                let dialling = InteropDialler(on: loop, to: endpoint, expecting: node, times: count)
                dialling.next()
                try loop.run()
                exit(dialling.failure == nil ? 0 : 1)
            case ("mesh", 3):
                guard let count = Int(arguments[1]), let rate = Int(arguments[2]) else { fail(usage) }
                let mesh = try InteropMesh(on: loop, count: count, perSecond: rate)
                say("listening \(mesh.address)")
                try loop.run()
            default: fail(usage)
            }
        } catch {
            fail("\(error)")
        }
    }

    /// Tells the program at the other end of the pipe at once, without a buffer in between.
    static func say(_ line: String) { say(line, to: STDOUT_FILENO) }

    static func fail(_ message: String) -> Never {
        say("cairn-interop: \(message)", to: STDERR_FILENO)
        exit(2)
    }

    private static func say(_ line: String, to descriptor: Int32) {
        let bytes = Array("\(line)\n".utf8)
        write(descriptor, bytes, bytes.count)
    }
}

/// Accepts connections and serves them until the process ends.
final class InteropListener {
    private let identity: NoiseIdentity
    private var listener: StreamListener?
    private var record: [UInt8] = []
    // ORDER: looked up only.
    private var peers: [ObjectIdentifier: InteropPeer] = [:]

    init(on loop: EventLoop) throws(SystemError) {
        let key = SecretKey(seed: .random())
        identity = NoiseIdentity(signedBy: key, local: .generate())
        var admission = StreamListener.Admission()
        admission.perAddress = admission.total
        listener = try StreamListener(
            on: loop, at: .network(Endpoint(.loopback, port: 0)), admission: admission
        ) { [weak self] socket in
            guard let self else { return socket.close() }
            let peer = InteropPeer(on: loop, over: socket, .listener, as: identity, record: record)
            peers[ObjectIdentifier(peer)] = peer
            peer.ended = { [weak self] peer in self?.peers[ObjectIdentifier(peer)] = nil }
        }
        if let place = try? Multiaddr(text: place) {
            record = PeerRecord.seal(sequence: Clock.wall().millisecondsSince1970, addresses: [place], key: key)
        }
    }

    private var place: String {
        guard case .network(let endpoint)? = listener?.place else { return "" }
        return "/ip4/\(endpoint.address)/tcp/\(endpoint.port)"
    }

    var address: String { "\(place)/p2p/\(identity.node.peerID)" }
}

/// Dials again and again, each time as somebody new, and does everything once per connection.
final class InteropDialler {
    private let loop: EventLoop
    private let endpoint: Endpoint
    private let node: NodeID
    private var left: Int
    private var current: InteropPeer?
    private(set) var failure: String?

    init(on loop: EventLoop, to endpoint: Endpoint, expecting node: NodeID, times: Int) {
        self.loop = loop
        self.endpoint = endpoint
        self.node = node
        left = times
    }

    func next() {
        guard left > 0, failure == nil else { return loop.stop() }
        left -= 1
        do throws(SystemError) {
            let socket = try StreamConnection.connect(on: loop, to: endpoint)
            let peer = InteropPeer(
                on: loop, over: socket, .dialer, as: InteropPeer.freshIdentity(), expecting: node)
            peer.ended = { [weak self] peer in
                if !peer.isWhole { self?.failure = peer.summary }
                Interop.say(peer.isWhole ? peer.summary : "failed \(peer.summary)")
                self?.next()
            }
            current = peer
        } catch {
            failure = "\(error)"
            loop.stop()
        }
    }
}
