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
            let inPath = route.match(request.target.segments)
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
        do throws(HTTPRefusal) {
            let parameters = try route.checked(inPath, request.target.parameters)
            return route.handle(HTTPCall(request: request, parameters: parameters, origin: origin))
        } catch {
            return .now(
                .problem(
                    error.status, code: "bad-parameter", error.detail, hint: "GET /openapi.json says what it takes"))
        }
    }
}
