import CairnBase
import CairnWire
import Testing

@testable import CairnRuntime

/// JSON-RPC and events over a real server.
@Suite struct APITests {
    private static var routes: [HTTPRoute] {
        [
            HTTPRoute(
                .get, "/v1/rows/{name}", as: "rows.show",
                taking: [
                    HTTPParameter("name", in: .path, .text, "Which"),
                    HTTPParameter("limit", in: .query, .integer(1...10), "How many"),
                ], "Shows rows."
            ) { call in
                call.parameters["name"] == "none"
                    ? .problem(.notFound, code: "no-rows", "there are none")
                    : .json([
                        "name": .string(call.parameters["name"] ?? ""),
                        "limit": .string(call.parameters["limit"] ?? "-"),
                    ])
            },
            HTTPRoute(
                .post, "/v1/things", as: "things.send",
                taking: [HTTPParameter("thing", in: .body, isRequired: true, "Bytes")],
                "Takes bytes."
            ) { .json(["count": JSON($0.request.body.count)]) },
            HTTPRoute(.post, "/v1/stop", as: "stop", access: .owner, "Stops.") { _ in .json([:]) },
            HTTPRoute(.get, "/text", as: "text", answering: "text/plain", "Text.") { _ in .text("plain") },
        ]
    }

    private final class Served {
        let run: LoopRun
        let server: HTTPServer
        let hub: EventHub
        private let folder: TemporaryFolder

        init(network: Bool = false, limits: Limits = Limits()) throws {
            run = try LoopRun()
            folder = try TemporaryFolder()
            let methods = JSONRPC(routes: APITests.routes, limits: limits.interface)
            let later = HTTPRoute(.get, "/v1/later", as: "later", "Later.") { [loop = run.loop] _ in
                .later { answer in loop.after(.milliseconds(5)) { answer(.json(["later": true])) } }
            }
            let rpc = HTTPRoute(.post, "/rpc", "JSON-RPC.") {
                JSONRPC(routes: methods.routes + [later], limits: methods.limits).reply(to: $0)
            }
            hub = EventHub(on: run.loop, run: 77, limits: limits.interface)
            let tell = HTTPRoute(.post, "/tell", "Makes an event.") { [hub] call in
                hub.tell(.block, ["n": .string(String(decoding: call.request.body, as: UTF8.self))])
                return .json([:])
            }
            let place: StreamListener.Place =
                network ? .network(.freeLoopback) : .local(path: folder.path + "/api.sock")
            server = try HTTPServer(
                on: run.loop, at: place, router: HTTPRouter(APITests.routes + [rpc, tell, hub.route()]), limits: limits)
        }

        func whileServing(_ clients: @escaping @Sendable (StreamListener.Place) throws -> Void) throws {
            let place = server.place
            try run.run(beside: { () throws in try clients(place) })
        }
    }

    /// What comes back for a body, with the blanks of a readable test taken out of it.
    private static func call(_ place: StreamListener.Place, _ body: String) throws -> String {
        let answer = try HTTPClient(place).post("/rpc", body: Array(body.utf8))
        return answer.status == 204 ? "nothing" : String(decoding: answer.body.dropLast(), as: UTF8.self)
    }

    private static func code(_ answer: String) throws -> Int64? {
        try JSONReader.read(Array(answer.utf8))["error"]?["code"]?.integer(Int64.self)
    }

    @Test func `a method is a line of the table`() throws {
        try Served(network: true).whileServing { (place) throws in
            func call(_ body: String) throws -> String { try Self.call(place, #"{"jsonrpc":"2.0",\#(body)}"#) }
            let wanted = #"{"jsonrpc":"2.0","result":{"name":"x","limit":"3"},"id":1}"#
            #expect(try call(#""method":"rows.show","params":{"name":"x","limit":3},"id":1"#) == wanted)
            #expect(try call(#""method":"rows.show","params":["x","3"],"id":1"#) == wanted)
            #expect(try call(#""method":"later","id":"a""#) == #"{"jsonrpc":"2.0","result":{"later":true},"id":"a"}"#)
            #expect(try call(#""method":"text","id":null"#) == #"{"jsonrpc":"2.0","result":"plain","id":null}"#)
            #expect(
                try call(#""method":"things.send","params":{"thing":"00ff"},"id":2"#)
                    == #"{"jsonrpc":"2.0","result":{"count":2},"id":2}"#)
            #expect(try call(#""method":"later""#) == "nothing")
            for (body, code) in [
                (#""method":"nothing","id":1"#, -32_601), (#""id":1"#, -32_600), (#""method":"stop","id":1"#, -32_003),
                (#""method":"rows.show","id":1"#, -32_602), (#""method":"rows.show","params":[1,2,3],"id":1"#, -32_602),
                (#""method":"rows.show","params":{"name":{}},"id":1"#, -32_602),
                (#""method":"rows.show","params":{"name":"x","limit":11},"id":1"#, -32_602),
                (#""method":"rows.show","params":{"name":"x","nam":"y"},"id":1"#, -32_602),
                (#""method":"rows.show","params":"x","id":1"#, -32_602),
                (#""method":"rows.show","params":{"name":"none"},"id":1"#, -32_004),
                (#""method":"things.send","params":{"thing":"0"},"id":1"#, -32_602),
                (#""method":"things.send","params":{},"id":1"#, -32_602),
            ] as [(String, Int64)] {
                let answer = try call(body)
                #expect(try Self.code(answer) == code, "\(body): \(answer)")
            }
            #expect(try Self.code(try Self.call(place, "{")) == -32_700)
            #expect(try Self.code(try Self.call(place, "[]")) == -32_600)
            #expect(try Self.code(try Self.call(place, "1")) == -32_600)
        }
        try Served().whileServing { (place) throws in
            #expect(try Self.call(place, #"{"jsonrpc":"2.0","method":"stop","id":1}"#).contains("result"))
        }
    }

    @Test func `a batch is answered in its order, and is bounded`() throws {
        try Served().whileServing { (place) throws in
            func request(_ method: String, _ id: String) -> String {
                #"{"jsonrpc":"2.0","method":"\#(method)"\#(id.isEmpty ? "" : ",\"id\":\(id)")}"#
            }
            let answer = try Self.call(
                place,
                "[\(request("later", "1")),\(request("text", "2")),\(request("text", "")),5,\(request("later", "3"))]")
            let ids = try JSONReader.read(Array(answer.utf8)).array?.map { $0["id"] ?? .null }
            #expect(ids == [1, 2, .null, 3])
            #expect(try Self.call(place, "[\(request("later", ""))]") == "nothing")
            let many = (0...32).map { request("text", "\($0)") }.joined(separator: ",")
            #expect(try Self.code(try Self.call(place, "[\(many)]")) == -32_600)
        }
    }

    @Test(arguments: [1, 2, 3, 7, 64])
    func `the ring keeps the newest, and knows what it lost`(capacity: Int) {
        var ring = EventRing(capacity: capacity)
        for number in 1...40 {
            #expect(ring.add(.peer, JSON(number)).number == UInt64(number))
            for after in 0...UInt64(number + 1) {
                let (missed, events) = ring.events(after: after)
                let all = (1...number).filter { $0 > after }
                let kept = all.suffix(capacity)
                #expect(events.map(\.number) == kept.map { UInt64($0) })
                #expect(missed == UInt64(all.count - kept.count))
            }
        }
    }

    /// Opens a stream and reads until a text has come.
    private static func listen(
        _ place: StreamListener.Place, _ query: String = "", last: String? = nil, until end: String
    ) throws -> String {
        let client = try RawClient(place)
        let field = last.map { "Last-Event-ID: \($0)\r\n" } ?? ""
        client.send(Array("GET /v1/events\(query) HTTP/1.1\r\nHost: x\r\n\(field)\r\n".utf8))
        var text = ""
        while !text.contains(end) {
            let bytes = client.receive()
            if bytes.isEmpty { break }
            text += String(decoding: bytes, as: UTF8.self)
        }
        return text
    }

    @Test func `who comes back is sent what it missed, or told how much is gone`() throws {
        var limits = Limits()
        limits.interface.events = 4
        let served = try Served(limits: limits)
        try served.whileServing { (place) throws in
            for n in 1...6 { _ = try HTTPClient(place).post("/tell", body: Array("\(n)".utf8)) }
            let resumed = try Self.listen(place, last: "77-4", until: "\"6\"")
            #expect(resumed.contains("content-type: text/event-stream\r\n"))
            #expect(
                resumed.hasSuffix(
                    "id: 77-5\nevent: block\ndata: {\"n\":\"5\"}\n\nid: 77-6\nevent: block\ndata: {\"n\":\"6\"}\n\n"))
            #expect(
                try Self.listen(place, last: "77-1", until: "\"6\"").contains(
                    "event: gap\ndata: {\"missed\":1}\n\nid: 77-3\n"))
            #expect(try Self.listen(place, last: "76-4", until: "gap").contains("{\"missed\":null}"))
            #expect(try Self.listen(place, last: "nonsense", until: "gap").contains("{\"missed\":null}"))
            #expect(try Self.listen(place, "?topics=peer", last: "77-2", until: "\n\n").contains("block") == false)
            #expect(try HTTPClient(place).get("/v1/events?topics=blok").status == 400)
        }
        #expect(served.hub.counters.overflowed == 0)
    }

    @Test func `listeners are bounded, and a slow one is let go`() throws {
        var limits = Limits()
        limits.interface.listeners = 1
        let served = try Served(limits: limits)
        try served.whileServing { (place) throws in
            let slow = try RawClient(place)
            slow.send(Array("GET /v1/events HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
            _ = slow.receive()
            #expect(try HTTPClient(place).get("/v1/events").status == 503)
            let large = [UInt8](repeating: UInt8(ascii: "x"), count: 900 << 10)
            // Enough for the kernel's buffers and ours.
            for _ in 0..<6 { _ = try HTTPClient(place).post("/tell", body: large) }
            #expect(String(decoding: slow.receiveAll(), as: UTF8.self).hasSuffix("event: overflow\ndata: {}\n\n"))
        }
        #expect(served.hub.counters.overflowed == 1 && served.hub.counters.refused == 1)
        #expect(served.hub.listenerCount == 0)
    }
}
