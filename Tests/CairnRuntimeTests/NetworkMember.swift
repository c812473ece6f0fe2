import CairnBase
import CairnCrypto
import CairnTransport

@testable import CairnRuntime

/// A node's part in a network as far as its peers see it.
final class NetworkMember: PeerNetworkHandler {
    static let blocks = RequestKind("block", .block, questionLimit: 100, answerLimit: 1 << 20, time: .seconds(5))

    let network: PeerNetwork
    let node: NodeID
    let endpoint: Endpoint
    var hello: PeerHello
    var connected: [NodeID] = []
    var disconnected = 0
    var messages: [[UInt8]] = []
    var unanswered = 0
    var onChange: () -> Void = {}

    init(
        _ number: UInt8, on loop: EventLoop, chain: UInt8 = 1, messageLimit: Int = 1 << 20, isHidden: Bool = false,
        _ change: (inout Limits) -> Void = { _ in }
    ) throws {
        let identity = NoiseIdentity(signedBy: Self.key(number), local: .generate())
        var settings = PeerNetwork.Settings(messageLimit: messageLimit, seed: UInt64(number))
        change(&settings.limits)
        settings.kinds = [Self.blocks, ReachabilityShell.kind]
        var options = LogOutput.Options()
        options.filter = LogFilter(.error)
        network = PeerNetwork(on: loop, as: identity, settings, log: LogOutput(options).logger("test"))
        node = identity.node
        if isHidden {
            endpoint = Endpoint(Endpoint.freeLoopback(network: number).address, port: 9)
            network.callOut(from: endpoint)
        } else {
            endpoint = try network.listen(at: .freeLoopback(network: number))
        }
        hello = PeerHello(
            chain: ChainID(Bytes32([UInt8](repeating: chain, count: 32)) ?? .zero), network: "net\(chain)",
            agent: "test", height: Height(UInt64(number)), time: 1_000)
        network.handler = self
    }

    static func key(_ number: UInt8) -> SecretKey {
        SecretKey(seed: Seed(known: Blake2b().digest(DomainTag("cn/test"), [number]).raw))
    }

    var address: PeerAddress { PeerAddress(node, at: endpoint) }
    var peerHello: PeerHello? { hello }

    func peerConnected(_ node: NodeID, _ hello: PeerHello) {
        connected.append(node)
        onChange()
    }

    func peerDisconnected(_ node: NodeID) {
        disconnected += 1
        onChange()
    }

    func peerSent(_ node: NodeID, _ message: [UInt8]) {
        messages.append(message)
        onChange()
    }

    func peerAsked(_ question: PeerQuestion) {
        // Questions of nothing are left open.
        if question.bytes.isEmpty {
            unanswered += 1
            onChange()
        } else {
            network.answer(question, status: 0, question.bytes.reversed())
        }
    }

    func status(of node: NodeID) -> PeerStatus? { network.status.first { $0.node == node } }
}
