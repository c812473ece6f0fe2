/// A request on its way to a handler.
public struct HTTPCall {
    public let request: HTTPRequest
    /// The values of the path's `{name}` segments.
    public let parameters: [String: String]
    public let origin: HTTPOrigin
}

/// Which door a request came through.
public enum HTTPOrigin: Sendable, Equatable {
    /// The unix socket, by the node's own user or root.
    case owner
    /// Loopback TCP: any program on this machine, and any web page that gets past the Host and Origin checks.
    case network
}

/// What a handler makes of a request.
public enum HTTPReply {
    case now(HTTPResponse)
    /// For what has to be looked up on a disk: the answer comes in a later turn of the loop, and is given once.
    case later((_ answer: @escaping (HTTPResponse) -> Void) -> Void)
}

/// One line of the method table.
public struct HTTPRoute {
    public enum Access: Sendable, Equatable {
        case anyone, owner
    }

    public let method: HTTPMethod
    /// `/v1/blocks/{height}`
    public let path: String
    public let access: Access
    public let summary: String
    public let handle: (HTTPCall) -> HTTPReply

    public init(
        _ method: HTTPMethod, _ path: String, access: Access = .anyone, _ summary: String,
        handle: @escaping (HTTPCall) -> HTTPResponse
    ) {
        self.init(method, path, access: access, summary, reply: { .now(handle($0)) })
    }

    public init(
        _ method: HTTPMethod, _ path: String, access: Access = .anyone, _ summary: String,
        reply: @escaping (HTTPCall) -> HTTPReply
    ) {
        self.method = method
        self.path = path
        self.access = access
        self.summary = summary
        handle = reply
    }

    /// The parameters, if the path fits.
    fileprivate func match(_ segments: [String]) -> [String: String]? {
        let pattern = path.split(separator: "/")
        guard pattern.count == segments.count else { return nil }
        var parameters: [String: String] = [:]
        for (part, segment) in zip(pattern, segments) {
            if part.hasPrefix("{"), part.hasSuffix("}") {
                parameters[String(part.dropFirst().dropLast())] = segment
            } else if part != segment {
                return nil
            }
        }
        return parameters
    }
}

/// Finds the handler of a request in the method table.
public struct HTTPRouter {
    public private(set) var routes: [HTTPRoute]

    public init(_ routes: [HTTPRoute]) {
        self.routes = routes
    }

    public func answer(_ request: HTTPRequest, from origin: HTTPOrigin) -> HTTPReply {
        let candidates = routes.filter { $0.match(request.target.segments) != nil }
        guard !candidates.isEmpty else {
            return .now(.problem(.notFound, "nothing is served at this path", hint: "GET /v1 lists what is"))
        }
        // HEAD is GET without the body, which is left out when the answer is sent.
        let method = request.method == .head ? .get : request.method
        guard let route = candidates.first(where: { $0.method == method }),
            let parameters = route.match(request.target.segments)
        else {
            var response = HTTPResponse.problem(.methodNotAllowed, "this path does not take this method")
            var methods = candidates.map(\.method.rawValue)
            if methods.contains("GET") { methods.append("HEAD") }
            response.fields.append("allow", methods.joined(separator: ", "))
            return .now(response)
        }
        guard route.access == .anyone || origin == .owner else {
            return .now(
                .problem(
                    .forbidden, code: "owner-only", "this is only for the node's owner",
                    hint: "use the unix socket of the node, as the cairn command does"))
        }
        return route.handle(HTTPCall(request: request, parameters: parameters, origin: origin))
    }
}
