import CairnBase
import CairnRuntime
import CairnWire

/// Asks one running node, over its control socket or over TCP.
struct NodeClient {
    let place: StreamListener.Place
    let timeout: TimeSpan
    /// Explains that there is no node at the place, with what was tried.
    let notFound: (_ message: String, _ tried: [Hint]) -> Failure

    init(
        at place: StreamListener.Place, timeout: TimeSpan,
        notFound: @escaping (_ message: String, _ tried: [Hint]) -> Failure = { message, tried in
            Failure(.nodeNotFound, message, tried: tried)
        }
    ) {
        (self.place, self.timeout, self.notFound) = (place, timeout, notFound)
    }

    init(socket: String, timeout: TimeSpan) { self.init(at: .local(path: socket), timeout: timeout) }

    /// The place as people are told it.
    var address: String {
        switch place {
        case .local(let path): path
        case .network(let endpoint): "http://\(endpoint)"
        }
    }

    /// What the node says of itself.
    func report() throws(Failure) -> NodeReport {
        guard let report = NodeReport(try document(ask(.get, "/v1/status"))) else {
            throw strange("/v1/status lacks a field")
        }
        return report
    }

    /// What the node says of its peers.
    func peers() throws(Failure) -> PeersReport {
        guard let report = PeersReport(try document(ask(.get, "/v1/peers"))) else {
            throw strange("/v1/peers lacks a field")
        }
        return report
    }

    /// What publishing has earned the peers.
    func scores() throws(Failure) -> ScoreReport {
        guard let report = ScoreReport(try document(ask(.get, "/v1/pubsub"))) else {
            throw strange("/v1/pubsub lacks a field")
        }
        return report
    }

    /// Whom the node has nothing to do with.
    func bans() throws(Failure) -> BansReport {
        guard let report = BansReport(try document(ask(.get, "/v1/bans"))) else {
            throw strange("/v1/bans lacks a field")
        }
        return report
    }

    /// Which network the node is on.
    func net() throws(Failure) -> JSON { try document(ask(.get, "/v1/net")) }

    /// What came to the node's radio port.
    func radio() throws(Failure) -> JSON { try radio("/v1/radio") }

    /// The newest packets that came there, from a number on.
    func radioPackets(from number: UInt64, limit: UInt64) throws(Failure) -> JSON {
        try radio("/v1/radio/packets?from=\(number)&limit=\(limit)")
    }

    private func radio(_ target: String) throws(Failure) -> JSON {
        let answer = try exchange(.get, target)
        guard answer.status == 200 else {
            throw Failure(
                .noRadio, "the node at \(address) has no radio",
                do: Hint("radio.gateway", "in its configuration names the gateway that it listens to"))
        }
        return try document(answer)
    }

    /// What came of challenges, as far as the node has followed them.
    func coverage() throws(Failure) -> CoverageReport { CoverageReport(try document(ask(.get, "/v1/coverage"))) }

    /// Tells the node to end. It has not ended yet when this returns.
    func stop() throws(Failure) {
        _ = try document(ask(.post, "/v1/stop"))
    }

    enum Method {
        case get, post
    }

    /// A question that the node has to answer with what was asked for.
    func ask(_ method: Method, _ target: String) throws(Failure) -> HTTPClient.Answer {
        let answer = try exchange(method, target)
        guard (200..<300).contains(answer.status) else { throw strange("\(target) answered \(answer.status)") }
        return answer
    }

    /// A question that the node may refuse, with a problem document.
    func exchange(_ method: Method, _ target: String, body: [UInt8] = []) throws(Failure) -> HTTPClient.Answer {
        let client = HTTPClient(place, timeout: timeout)
        do throws(HTTPClient.Failure) {
            return try method == .get ? client.get(target) : client.post(target, body: body)
        } catch {
            throw failure(error)
        }
    }

    func document(_ answer: HTTPClient.Answer) throws(Failure) -> JSON {
        do throws(JSONError) {
            return try JSONReader.read(answer.body)
        } catch {
            throw strange("\(error)")
        }
    }

    private func failure(_ error: HTTPClient.Failure) -> Failure {
        switch error {
        case .unreachable(let reason) where reason.isNotFound:
            notFound("no cairn node runs at \(address)", [Hint(address, "no such socket")])
        case .unreachable(let reason) where reason.isRefused:
            notFound("no cairn node runs at \(address)", [Hint(address, "nobody listens; its node has ended")])
        case .unreachable(let reason) where reason.isDenied:
            Failure(
                .nodeUnreachable, "the node at \(address) is another user's", tried: [Hint(address, "\(reason)")],
                do: Hint("sudo -u USER cairn …", "asks it as the user that runs it"))
        case .unreachable(let reason), .broken(let reason):
            Failure(.nodeUnreachable, "the node at \(address) cannot be asked", tried: [Hint(address, "\(reason)")])
        case .timedOut:
            Failure(
                .nodeTimeout, "the node at \(address) did not answer within \(timeout.plain)",
                do: Hint("--timeout 1m", "waits longer"))
        case .malformed(let what): strange(what)
        }
    }

    func strange(_ what: String) -> Failure {
        Failure(.nodeStrange, "the node at \(address) answered something unexpected: \(what)")
    }
}
