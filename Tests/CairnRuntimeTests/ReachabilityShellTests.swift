import CairnBase
import CairnCrypto
import CairnGossip
import CairnTransport
import CairnWire
import Testing

@testable import CairnRuntime

/// Dial-backs between members over real sockets.
@Suite(.serialized) struct ReachabilityShellTests {
    private static let chain = ChainID(Bytes32([UInt8](repeating: 1, count: 32)) ?? .zero)

    private func shell(_ number: UInt8, _ member: NetworkMember, on loop: EventLoop) -> ReachabilityShell {
        var options = LogOutput.Options()
        options.filter = LogFilter(.error)
        var settings = ReachabilitySettings()
        (settings.settling, settings.quorum, settings.privateQuorum) = (.milliseconds(300), 2, 2)
        let key = NetworkMember.key(number)
        let shell = ReachabilityShell(
            on: loop, member.network, of: member.node, on: Self.chain, listening: member.endpoint,
            log: LogOutput(options).logger("test"), settings: settings
        ) { key.sign($0, tag: DialBackResult.domainTag, chain: Self.chain) }
        member.network.onAddress = { [unowned shell] in shell.hear($0) }
        return shell
    }

    /// A member that dials three others, until it knows whether they can dial it.
    private func ask(
        isHidden: Bool, _ meddle: (NetworkMember) -> Void = { _ in },
        _ look: (NetworkMember, [NetworkMember], ReachabilityShell) throws -> Void
    ) throws {
        let run = try LoopRun()
        let asker = try NetworkMember(1, on: run.loop, isHidden: isHidden)
        let others = try (2...4).map { try NetworkMember($0, on: run.loop) }
        let shells = (2...4).map { shell($0, others[Int($0) - 2], on: run.loop) }
        meddle(others[0])
        let own = shell(1, asker, on: run.loop)
        own.onChange = { _, _ in run.finish() }
        for other in others { asker.network.keep(other.address) }
        try run.run()
        try look(asker, others, own)
        #expect(shells.allSatisfy { $0.malformed == 0 })
        for member in [asker] + others { member.network.close() }
    }

    @Test func `three members dial a listening node back, and sign that its key was there`() throws {
        try ask(isHidden: false) { asker, others, own in
            #expect(own.core.state == .reachable && own.core.results.count == 3)
            #expect(own.core.believed == asker.endpoint.address, "all of them saw it come from there")
            #expect(Set(own.core.results.map(\.content.dialler)) == Set(others.map(\.node)))
            for result in own.core.results {
                #expect(result.content.outcome == .reached && result.content.endpoint == asker.endpoint)
                let claim = Claim(result, by: result.content.dialler.key)
                #expect(Verifier(chain: Self.chain).verify(claim) != nil)
                #expect(Verifier(chain: ChainID(.zero)).verify(claim) == nil, "good for one chain only")
            }
            // Nothing is left of it: no link ended, and nobody new was met.
            #expect(asker.disconnected == 0 && asker.network.status.count == 3)
        }
    }

    @Test func `a node that nobody can dial learns it, works on, and is told of to nobody`() throws {
        try ask(isHidden: true) { asker, others, own in
            #expect(own.core.state == .unreachable)
            #expect(own.core.results.allSatisfy { $0.content.outcome == .unconnected })
            #expect(asker.connected.count == 3 && asker.disconnected == 0)
            for other in others {
                let identity = try #require(other.status(of: asker.node)?.identity)
                #expect(identity.listenAddresses.isEmpty && identity.signedRecord.isEmpty)
            }
        }
    }

    @Test func `a result that another key signed is no result`() throws {
        let stranger = NetworkMember.key(66)
        try ask(isHidden: false) { liar in
            liar.network.serve(ReachabilityShell.kind) { [unowned liar] asked in
                guard let question = try? DialBackQuestion.decode(asked.bytes, limit: DialBackQuestion.byteCount) else {
                    return
                }
                let content = DialBackResult.Content(
                    asker: asked.node, dialler: liar.node, nonce: question.nonce, endpoint: question.endpoint,
                    outcome: .unconnected, milliseconds: 1, time: Clock.wall().millisecondsSince1970 / 1_000)
                let signature = stranger.sign(content.encoded, tag: DialBackResult.domainTag, chain: Self.chain)
                liar.network.answer(asked, DialBackResult(content, signature: signature).encoded)
            }
        } _: { _, others, own in
            #expect(own.core.state == .reachable && own.malformed == 1)
            #expect(own.core.results.count == 2)
            #expect(!own.core.results.contains { $0.content.dialler == others[0].node })
        }
    }

    @Test func `whoever is dialled gets fewer bytes than the question had, and silence proves nothing`() throws {
        let run = try LoopRun()
        let dialler = try NetworkMember(2, on: run.loop)
        let silent = Silent()
        let listener = try StreamListener(
            on: run.loop, at: .network(.freeLoopback(network: 9)), admission: .init(), limits: .init()
        ) { silent.take($0) }
        guard case .network(let place) = listener.place else { return }
        var outcome: DialBackResult.Outcome?
        let probe = dialler.network.dialBack(NetworkMember.key(1).publicKey.node, at: place) {
            outcome = $0
            run.finish()
        }
        try run.run()
        #expect(probe != nil && outcome == .unproven && silent.count == 1)
        #expect(silent.bytes > 0 && silent.bytes < DialBackQuestion.byteCount, "\(silent.bytes)")
        listener.close()
        dialler.network.close()
    }
}

/// Somebody who listens, hears, and says nothing.
private final class Silent: StreamHandler {
    private var sockets: [StreamConnection] = []
    private(set) var bytes = 0
    var count: Int { sockets.count }

    func take(_ socket: StreamConnection) {
        sockets.append(socket)
        socket.handler = self
    }

    func streamReceived(_ stream: StreamConnection) { bytes += stream.withInput { $0.take(.max) }.count }
    func streamClosed(_ stream: StreamConnection, _ reason: StreamConnection.Ending) {}
}

extension PublicKey {
    fileprivate var node: NodeID { NodeID(self) }
}
