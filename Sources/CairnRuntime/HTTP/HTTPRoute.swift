/// A request on its way to a handler.
public struct HTTPCall {
    public let request: HTTPRequest
    /// The values of the declared parameters, from the path and the query.
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
    /// For what has no end; the connection is used for nothing else afterwards.
    case stream((HTTPStream) -> Void)
}

/// One line of the method table.
public struct HTTPRoute {
    public enum Access: Sendable, Equatable {
        case anyone, owner
    }

    public let method: HTTPMethod
    /// `/v1/transactions/{id}`
    public let path: String
    /// What programs call it, here and in JSON-RPC: `transactions.show`. Nil for what is no question to the node.
    public let name: String?
    public let access: Access
    public let summary: String
    public let parameters: [HTTPParameter]
    /// The media types of the body it takes, where it takes one, and of its answer.
    public let reading: String
    public let answering: String
    public let handle: (HTTPCall) -> HTTPReply

    public init(
        _ method: HTTPMethod, _ path: String, as name: String? = nil, access: Access = .anyone,
        reading: String = "application/json", answering: String = "application/json",
        taking parameters: [HTTPParameter] = [], _ summary: String, handle: @escaping (HTTPCall) -> HTTPResponse
    ) {
        self.init(
            method, path, as: name, access: access, reading: reading, answering: answering, taking: parameters, summary,
            reply: { .now(handle($0)) })
    }

    public init(
        _ method: HTTPMethod, _ path: String, as name: String? = nil, access: Access = .anyone,
        reading: String = "application/json", answering: String = "application/json",
        taking parameters: [HTTPParameter] = [], _ summary: String, reply: @escaping (HTTPCall) -> HTTPReply
    ) {
        self.method = method
        self.path = path
        self.name = name
        self.access = access
        self.summary = summary
        self.parameters = parameters
        self.reading = reading
        self.answering = answering
        handle = reply
    }

    /// The parameters, if the path fits.
    func match(_ segments: [String]) -> [String: String]? {
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
