import CairnBase
import CairnCrypto
import CairnRuntime
import CairnWire

/// Whom `peers ping` dials, and how it tells what came of it.
struct PingTarget {
    let address: Multiaddr
    let endpoint: Endpoint

    /// A multiaddr as it stands, or the peer that the node knows under a name.
    init(_ wanted: String, _ session: Session) throws(Failure) {
        var text = wanted
        if !wanted.hasPrefix("/") {
            let peer = try Command.known(wanted, NodeFinder(session).find())
            guard let known = peer.multiaddr else {
                throw Failure(
                    .peerUnreachable, "peer \(peer.name) came to this node, and nobody knows where it can be dialled")
            }
            text = known
        }
        do throws(DecodeError) {
            address = try Multiaddr(text: text)
        } catch {
            throw Failure(.peerAddress, "\(quoted(text)) is not a multiaddr: \(error)")
        }
        guard let endpoint = Endpoint(tcp: address), endpoint.port != 0 else {
            throw Failure(.peerAddress, "\(quoted(text)) is not an IP address and a TCP port")
        }
        self.endpoint = endpoint
    }

    /// Once, or until it succeeds or the time is over. There are no relays: a connection that stands is a direct one.
    func ping(count: Int, isPatient: Bool, timeout: TimeSpan) throws(Failure) -> PeerProbe.Report {
        let deadline = Clock.monotonic() + timeout
        while true {
            let failure: PeerProbe.Failure
            do throws(PeerProbe.Failure) {
                let left = deadline.since(Clock.monotonic())
                return try PeerProbe.run(at: endpoint, expecting: address.node, count: count, timeout: left)
            } catch {
                failure = error
            }
            let pause = TimeSpan.milliseconds(250)
            guard isPatient, Clock.monotonic() + pause < deadline else { throw explain(failure, timeout) }
            CairnCLI.pause(pause)
        }
    }

    private func explain(_ failure: PeerProbe.Failure, _ timeout: TimeSpan) -> Failure {
        switch failure {
        case .ended(let reason):
            Failure(.peerUnreachable, "\(address) did not answer: \(reason)")
        case .timedOut:
            Failure(
                .peerUnreachable, "\(address) did not answer within \(timeout.plain)",
                do: Hint("--timeout 1m", "waits longer"))
        }
    }

    func fields(_ report: PeerProbe.Report) -> [JSON.Member] {
        [
            .init("address", .string(address.description)), .init("node", .string(report.node.peerID)),
            .init("name", .string(name(report))), .init("agent", .string(report.agent)), .init("direct", true),
            .init("first_answer_us", JSON(report.firstAnswer.nanoseconds / 1_000)),
            .init("rtt_us", .array(report.roundTrips.map { JSON($0.nanoseconds / 1_000) })),
            .init("protocols", .array(report.protocols.map { .string($0) })),
        ]
    }

    func text(_ report: PeerProbe.Report) -> String {
        let trips = report.roundTrips.map(\.precise).joined(separator: ", ")
        return
            "pong from \(name(report)) (\(report.node.peerID), \(report.agent)) directly at \(endpoint) in \(trips); "
            + "first answer after \(report.firstAnswer.precise)\n"
    }

    private func name(_ report: PeerProbe.Report) -> String { report.node.words }
}
