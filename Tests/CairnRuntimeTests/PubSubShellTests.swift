import CairnBase
import CairnCrypto
import CairnGossip
import CairnTransport
import CairnWire
import Testing

@testable import CairnRuntime

/// A libp2p node that opens a stream of pub/sub, says something on it, and pings once the stream is gone.
private final class Talker {
    private(set) var stream: SecureStream?
    private var introductions = Introductions(as: IdentifyMessage(node: nil))
    private let said: [UInt8]
    private var id: StreamID?
    private(set) var wasReset = false
    private(set) var ponged = false
    private(set) var isClosed = false
    private let onChange: () -> Void

    init(on loop: EventLoop, to endpoint: Endpoint, saying said: [UInt8], onChange: @escaping () -> Void) throws {
        self.said = said
        self.onChange = onChange
        let socket = try StreamConnection.connect(on: loop, to: endpoint)
        let identity = NoiseIdentity(signedBy: SecretKey(seed: .random()), local: .generate())
        let connection = Connection(
            .dialer, as: identity, ephemeral: .generate(), speaking: Introductions.protocols, at: loop.now)
        stream = SecureStream(on: loop, over: socket, connection) { [weak self] stream, event in
            guard let self else { return }
            if case .ended = event { isClosed = true }
            if case .connection(let event) = event { react(to: event, on: stream, at: loop.now) }
            self.onChange()
        }
    }

    private func react(to event: Connection.Event, on stream: SecureStream, at now: Instant) {
        var heard: [Introductions.Event] = []
        stream.perform { connection, more in
            _ = introductions.handle(event, on: &connection, at: now, into: &heard, more: &more)
            switch event {
            case .established: id = connection.open(["/meshsub/1.1.0"], .block)
            case .agreed(let agreed, _) where agreed == id: _ = connection.write(agreed, said)
            case .closed(let closed) where closed == id:
                wasReset = true
                introductions.ping(SecureRandom.bytes32(), on: &connection, at: now)
            default: break
            }
        }
        if heard.contains(where: { if case .ponged = $0 { true } else { false } }) { ponged = true }
    }
}

@Suite(.serialized) struct PubSubShellTests {
    /// What cannot be read costs its stream and is counted; the connection and the node go on.
    @Test(
        arguments: [
            // A field of an undefined wire type; a message that claims more than there is; a frame longer than any may be.
            [3, 0x0f, 1, 2], [4, 0x12, 0x7f, 1, 2], [0xff, 0xff, 0xff, 0xff, 0x7f],
        ] as [[UInt8]])
    func junkCostsItsStreamOnly(said: [UInt8]) throws {
        let run = try LoopRun()
        let key = SecretKey(seed: .random())
        var options = LogOutput.Options()
        options.filter = LogFilter(.error)
        let network = PeerNetwork(
            on: run.loop, as: NoiseIdentity(signedBy: key, local: .generate()),
            PeerNetwork.Settings(messageLimit: 1 << 20, seed: 1), log: LogOutput(options).logger("test"))
        let pubSub = PubSubShell(on: run.loop, as: NodeID(key.publicKey), topics: [.transactions]) { key.sign($0) }
        network.add(pubSub)
        let endpoint = try network.listen(at: .freeLoopback(network: 3))
        var talker: Talker?
        talker = try Talker(on: run.loop, to: endpoint, saying: said) {
            if talker?.ponged == true || talker?.isClosed == true { run.finish() }
        }
        try run.run()
        #expect(talker?.wasReset == true && talker?.ponged == true && talker?.isClosed == false)
        #expect(pubSub.core.counters.unreadable == 1)
        network.close()
    }

    @Test func `what is larger than a message may be is not published, nor is nothing`() throws {
        let run = try LoopRun()
        let key = SecretKey(seed: .random())
        let shell = PubSubShell(on: run.loop, as: NodeID(key.publicKey), topics: [.blocks]) { key.sign($0) }
        let largest = [UInt8](repeating: 1, count: Limits.Gossip().message)
        #expect(shell.publish(.blocks, largest))
        #expect(!shell.publish(.blocks, largest), "it was published")
        #expect(!shell.publish(.blocks, largest + [1]))
        #expect(!shell.publish(.blocks, []))
        #expect(shell.core.counters.published == 1)
        // Everything that nodes publish fits: what may be larger, a block, is named by its certificate and asked for.
        let ledger = (Limits.Ledger().transaction, Limits.Consensus().certificate, Limits.Witness().receipt)
        #expect(max(ledger.0, ledger.1, ledger.2) < Limits.Gossip().message)
    }

}
