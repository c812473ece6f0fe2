internal import CairnBase

/// Decides which requests over TCP are looked at.
///
/// A web page anywhere can make a browser send requests to this machine, under a name it controls. Such requests carry
/// that name as Host, or the page's address as Origin. Who reaches the node from outside shows a token; who asks too often
/// waits.
struct HTTPGate {
    private let endpoint: Endpoint
    private let token: AccessToken?
    private let hosts: Set<String>
    private var budget: ClientBudget<IPAddress>

    init(_ endpoint: Endpoint, token: AccessToken?, limits: Limits.Interface) {
        self.endpoint = endpoint
        self.token = token
        budget = ClientBudget(
            atOnce: limits.requestsAtOnce, perSecond: limits.requestsPerSecond, clients: limits.clients)
        let names = Set(["localhost", "127.0.0.1", "[::1]", Endpoint(endpoint.address, port: 0).host])
        hosts = Set(names.map { "\($0):\(endpoint.port)" })
    }

    /// Why a request is not served.
    mutating func problem(_ request: HTTPRequest, from client: IPAddress, at now: Instant) -> HTTPResponse? {
        guard budget.take(from: client, at: now) else {
            var response = HTTPResponse.problem(
                .tooManyRequests, "this client asks too often", hint: "ask again in a second, or use GET /v1/events")
            response.fields.append("retry-after", "1")
            return response
        }
        // From outside a node goes by names that it does not know; there the token tells friends from web pages.
        if endpoint.address.isLoopback {
            guard let host = request.fields["host"], hosts.contains(host.lowercased()) else {
                return .problem(
                    .misdirected, code: "wrong-host", "this node does not go by the name in the Host header",
                    hint: "use http://\(endpoint)")
            }
        }
        if let origin = request.fields["origin"], !hosts.contains(where: { "http://\($0)" == origin.lowercased() }) {
            return .problem(.forbidden, code: "wrong-origin", "other web sites may not use this node")
        }
        if let token, !token.admits(request.fields["authorization"]) {
            var response = HTTPResponse.problem(
                .unauthorized, code: "token-needed", "this node asks for a token",
                hint: "send the header Authorization: Bearer TOKEN")
            response.fields.append("www-authenticate", "Bearer")
            return response
        }
        return nil
    }
}

extension Endpoint {
    /// The address as it stands before the port in a URL.
    fileprivate var host: String { String(description.dropLast("\(port)".utf8.count + 1)) }
}
