internal import CairnBase
internal import CairnWire

/// JSON-RPC 2.0 over the table of routes: a method is a route's name, its parameters are the route's, by name or in their
/// order. What REST answers is the result, and a problem document stands in the error's data.
struct JSONRPC {
    /// In the order of the table; the first of a name counts.
    let routes: [HTTPRoute]
    let limits: Limits.Interface

    func reply(to call: HTTPCall) -> HTTPReply {
        let document: JSON
        do throws(JSONError) {
            document = try JSONReader.read(
                call.request.body,
                limits: .init(depth: limits.jsonDepth, nodes: limits.jsonNodes, stringBytes: limits.bodyBytes))
        } catch {
            return .now(.json(Self.failure(.null, -32_700, "\(error)")))
        }
        guard let batch = document.array else {
            return .later { answer in
                self.answer(document, call) { answer($0.map { .json($0) } ?? Self.nothing) }
            }
        }
        guard (1...limits.batch).contains(batch.count) else {
            return .now(.json(Self.failure(.null, -32_600, "a batch holds 1 to \(limits.batch) requests")))
        }
        return .later { answer in
            let gathering = Gathering(batch.count) { answers in
                answer(answers.isEmpty ? Self.nothing : .json(.array(answers)))
            }
            for (index, request) in batch.enumerated() {
                self.answer(request, call) { gathering.take($0, at: index) }
            }
        }
    }

    /// Nil for what wants no answer: a request without an id.
    private func answer(_ request: JSON, _ call: HTTPCall, _ done: @escaping (JSON?) -> Void) {
        guard request["jsonrpc"]?.string == "2.0", let method = request["method"]?.string else {
            return done(Self.failure(request["id"] ?? .null, -32_600, "a request has jsonrpc 2.0 and a method"))
        }
        let id = request["id"]
        let wantsAnswer = request.object?.contains { $0.key == "id" } == true
        let respond: (JSON) -> Void = { done(wantsAnswer ? .some($0) : .none) }
        guard let route = routes.first(where: { $0.name == method }) else {
            return respond(
                Self.failure(id ?? .null, -32_601, "there is no method \(method)", hint: "GET /openapi.json lists them")
            )
        }
        guard route.access == .anyone || call.origin == .owner else {
            return respond(Self.failure(id ?? .null, -32_003, "this is only for the node's owner"))
        }
        do throws(HTTPRefusal) {
            let inner = try arguments(of: request["params"], route, call)
            let finish: (HTTPResponse) -> Void = { respond(Self.result(of: $0, id ?? .null)) }
            switch route.handle(inner) {
            case .now(let response): finish(response)
            case .later(let begin): begin(finish)
            case .stream: respond(Self.failure(id ?? .null, -32_601, "this is a stream: GET \(route.path)"))
            }
        } catch {
            respond(Self.failure(id ?? .null, -32_602, error.detail))
        }
    }

    private func arguments(of params: JSON?, _ route: HTTPRoute, _ call: HTTPCall) throws(HTTPRefusal) -> HTTPCall {
        var values: [HTTPTarget.Parameter] = []
        if let members = params?.object {
            for member in members { values.append(try Self.value(member.key, member.value)) }
        } else if let items = params?.array {
            guard items.count <= route.parameters.count else {
                throw HTTPRefusal(.badRequest, "\(route.parameters.count) parameters at most")
            }
            for (parameter, item) in zip(route.parameters, items) where item != .null {
                values.append(try Self.value(parameter.name, item))
            }
        } else if let params, params != .null {
            throw HTTPRefusal(.badRequest, "params is an object or a list")
        }
        var request = call.request
        request.body = []
        if let body = route.parameters.first(where: { $0.place == .body }) {
            guard let index = values.firstIndex(where: { $0.name == body.name }) else {
                throw HTTPRefusal(.badRequest, "the parameter \(body.name) is missing")
            }
            guard let decoded = bytes(hex: values.remove(at: index).value) else {
                throw HTTPRefusal(.badRequest, "\(body.name) is not hexadecimal")
            }
            request.body = decoded
        }
        let checked = try route.checked(anywhere: values)
        return HTTPCall(request: request, parameters: checked, origin: call.origin)
    }

    private static func value(_ name: String, _ value: JSON) throws(HTTPRefusal) -> HTTPTarget.Parameter {
        switch value {
        case .string(let text): HTTPTarget.Parameter(name: name, value: text)
        case .number(let number): HTTPTarget.Parameter(name: name, value: "\(number)")
        default: throw HTTPRefusal(.badRequest, "\(name) is neither a string nor a number")
        }
    }
}

extension JSONRPC {
    private static let nothing = HTTPResponse(.noContent, type: "application/json", body: [])

    private static func result(of response: HTTPResponse, _ id: JSON) -> JSON {
        let isJSON = response.fields["content-type"]?.hasSuffix("json") == true
        let document: JSON? =
            isJSON
            ? try? JSONReader.read(response.body, limits: .answer)
            : .string(String(decoding: response.body, as: UTF8.self))
        guard let document else { return failure(id, -32_603, "the answer is too large for JSON-RPC") }
        guard response.status.rawValue < 400 || document["code"] == nil else {
            let code: Int64 =
                switch response.status {
                case .badRequest: -32_602
                case .notFound: -32_004
                case .forbidden: -32_003
                case .conflict: -32_009
                case .unavailable: -32_005
                default: -32_603
                }
            return failure(id, code, document["detail"]?.string ?? "", data: document)
        }
        return ["jsonrpc": "2.0", "result": document, "id": id]
    }

    private static func failure(
        _ id: JSON, _ code: Int64, _ message: String, hint: String? = nil, data: JSON? = nil
    ) -> JSON {
        var members: [JSON.Member] = [.init("code", JSON(code)), .init("message", .string(message))]
        if let data = data ?? hint.map({ ["hint": .string($0)] }) { members.append(.init("data", data)) }
        return ["jsonrpc": "2.0", "error": .object(members), "id": id]
    }
}

/// Collects the answers to a batch, each of which comes when it comes, in the order of the requests.
private final class Gathering {
    private var answers: [JSON?]
    private var left: Int
    private let done: ([JSON]) -> Void

    init(_ count: Int, done: @escaping ([JSON]) -> Void) {
        answers = Array(repeating: nil, count: count)
        left = count
        self.done = done
    }

    func take(_ answer: JSON?, at index: Int) {
        answers[index] = answer
        left -= 1
        if left == 0 { done(answers.compactMap(\.self)) }
    }
}
