import CLinux
import CairnBase
import CairnWire
import Testing

@testable import CairnRuntime

@Suite struct HTTPServerTests {
    private static func router(_ loop: EventLoop? = nil) -> HTTPRouter {
        HTTPRouter([
            HTTPRoute(
                .get, "/v1/rows",
                taking: [
                    HTTPParameter("limit", in: .query, .integer(1...10), "How many"),
                    HTTPParameter("order", in: .query, .choice(["up", "down"]), isRequired: true, "Which way"),
                ], "Takes parameters."
            ) { .text(($0.parameters["limit"] ?? "-") + ($0.parameters["order"] ?? "-")) },
            HTTPRoute(.get, "/v1/later/{n}", "Answers in a later turn.") { call in
                .later { answer in
                    let number = call.parameters["n"] ?? ""
                    loop?.after(.milliseconds(5)) { answer(.text(number)) }
                }
            },
            HTTPRoute(.get, "/v1/hello/{name}", "Greets.") { call in
                .json(["hello": .string(call.parameters["name"] ?? ""), "by": .string("\(call.origin)")])
            },
            HTTPRoute(.post, "/v1/echo", "Echoes.") { call in
                HTTPResponse(.ok, type: "application/octet-stream", body: call.request.body)
            },
            HTTPRoute(.post, "/v1/stop", access: .owner, "Stops.") { _ in .json(["stopping": true], status: .accepted)
            },
            HTTPRoute(.get, "/evil", "Tries to split its header.") { _ in
                var response = HTTPResponse.text("x")
                response.fields.append("x-evil", "a\r\nset-cookie: b")
                return response
            },
        ])
    }

    /// A server on its own loop and thread side by side with blocking clients.
    private final class Served {
        let run: LoopRun
        let server: HTTPServer
        let folder: TemporaryFolder

        init(network: Bool = false, token: AccessToken? = nil, limits: Limits = Limits()) throws {
            run = try LoopRun()
            folder = try TemporaryFolder()
            let place: StreamListener.Place =
                network ? .network(.freeLoopback) : .local(path: folder.path + "/api.sock")
            server = try HTTPServer(
                on: run.loop, at: place, router: HTTPServerTests.router(run.loop), token: token, limits: limits)
        }

        /// Runs the clients on a thread of their own, the server here.
        func whileServing(_ clients: @escaping @Sendable (StreamListener.Place) throws -> Void) throws {
            let place = server.place
            try run.run(beside: { () throws in try clients(place) })
        }
    }

    @Test(arguments: [false, true])
    func `answers the client`(network: Bool) throws {
        try Served(network: network).whileServing { (place) throws in
            let client = HTTPClient(place)
            let answer = try client.get("/v1/hello/w%C3%B6rld")
            #expect(answer.status == 200)
            #expect(answer.fields["content-type"] == "application/json")
            let text = #"{"hello":"wörld","by":"\#(network ? "network" : "owner")"}"# + "\n"
            #expect(String(decoding: answer.body, as: UTF8.self) == text)
            let body = (0..<300_000).map { UInt8(truncatingIfNeeded: $0) }
            #expect(try client.post("/v1/echo", body: body).body == body)
        }
    }

    /// Requests that come in one piece are answered in their order, whether an answer is there at once or not.
    @Test func `an answer may come later`() throws {
        try Served().whileServing { (place) throws in
            let client = try RawClient(place)
            let targets = ["/v1/later/1", "/v1/hello/x", "/v1/later/2"]
            let requests = targets.map { "GET \($0) HTTP/1.1\r\nhost: x\r\n" }.joined(separator: "\r\n")
            client.send(Array("\(requests)connection: close\r\n\r\n".utf8))
            let bodies = String(decoding: client.receiveAll(), as: UTF8.self).split(separator: "\r\n\r\n")
            #expect(bodies.count == 4)
            #expect(bodies[1].hasPrefix("1HTTP/1.1 200"))
            #expect(bodies[2].hasPrefix(#"{"hello":"x""#))
            #expect(bodies[3] == "2")
        }
    }

    @Test func `connections outlive their server without harm`() throws {
        let run = try LoopRun()
        let folder = try TemporaryFolder()
        let place = StreamListener.Place.local(path: folder.path + "/api.sock")
        var server: HTTPServer? = try HTTPServer(on: run.loop, at: place, router: Self.router())
        let gone = try FileDescriptor("eventfd", clinux_eventfd_blocking())
        let bell = gone.raw
        let steps = run.loop.mailbox(capacity: 2) { (isLast: Bool) in
            if isLast { return run.finish() }
            server = nil
            _ = clinux_eventfd_signal(bell)
        }
        let thread = try TestThread {
            let client = try RawClient(place)
            // Its answer shows that the connection before it was accepted.
            _ = try HTTPClient(place).get("/v1/hello/x")
            _ = steps.post(false)
            _ = clinux_eventfd_take(bell)
            client.send(Array("GET /v1/hello/y HTTP/1.1\r\nhost: x\r\n\r\n".utf8))
            #expect(client.receiveAll().isEmpty)
            _ = steps.post(true)
        }
        try run.run()
        thread.join()
        #expect(server == nil)
    }

    @Test func `says what is wrong in problem documents`() throws {
        try Served().whileServing { (place) throws in
            let client = HTTPClient(place)
            let missing = try client.get("/v2")
            #expect(missing.status == 404)
            #expect(missing.fields["content-type"] == "application/problem+json")
            let problem = try JSONReader.read(missing.body)
            #expect(problem["code"]?.string == "not-found")
            #expect(problem["hint"]?.string?.isEmpty == false)
            let wrongMethod = try client.post("/v1/hello/x")
            #expect(wrongMethod.status == 405)
            #expect(wrongMethod.fields["allow"] == "GET, HEAD")
            #expect(try client.get("/../x").status == 400)
            #expect(try client.post("/v1/echo", body: [UInt8](repeating: 0, count: 1 << 20 + 1)).status == 413)
            let evil = try client.get("/evil")
            #expect(evil.fields["set-cookie"] == nil)
            #expect(evil.fields["x-evil"] == "a  set-cookie: b")
        }
    }

    @Test func `only the owner's door leads to what changes the node`() throws {
        try Served().whileServing { (place) throws in #expect(try HTTPClient(place).post("/v1/stop").status == 202) }
        try Served(network: true).whileServing { (place) throws in
            let answer = try HTTPClient(place).post("/v1/stop")
            #expect(answer.status == 403)
            #expect(try JSONReader.read(answer.body)["code"]?.string == "owner-only")
        }
    }

    /// Sends raw bytes and gives back everything that comes until the server hangs up.
    private static func talk(_ place: StreamListener.Place, _ text: String) throws -> String {
        let client = try RawClient(place)
        client.send(Array(text.utf8))
        return String(decoding: client.receiveAll(), as: UTF8.self)
    }

    @Test func `foreign names and pages are turned away on TCP`() throws {
        try Served(network: true).whileServing { (place) throws in
            guard case .network(let endpoint) = place else { return }
            func status(_ fields: String) throws -> Substring {
                try Self.talk(place, "GET /v1/hello/x HTTP/1.1\r\nConnection: close\r\n\(fields)\r\n\r\n").prefix(12)
            }
            let port = endpoint.port
            #expect(try status("Host: 127.0.0.1:\(port)") == "HTTP/1.1 200")
            #expect(try status("Host: LOCALHOST:\(port)") == "HTTP/1.1 200")
            #expect(try status("Host: localhost:\(port)\r\nOrigin: http://localhost:\(port)") == "HTTP/1.1 200")
            #expect(try status("Host: attacker.example:\(port)") == "HTTP/1.1 421")
            #expect(try status("Host: localhost") == "HTTP/1.1 421")
            #expect(try status("Host: localhost:\(port)\r\nOrigin: https://attacker.example") == "HTTP/1.1 403")
            #expect(try status("Host: localhost:\(port)\r\nOrigin: null") == "HTTP/1.1 403")
        }
    }

    @Test func `takes only the parameters that its table declares`() throws {
        try Served().whileServing { (place) throws in
            func ask(_ query: String) throws -> String {
                let answer = try HTTPClient(place).get("/v1/rows\(query)")
                if answer.status == 200 { return String(decoding: answer.body, as: UTF8.self) }
                let problem = try JSONReader.read(answer.body)
                #expect(answer.status == 400 && problem["code"]?.string == "bad-parameter")
                return problem["detail"]?.string ?? ""
            }
            #expect(try ask("?limit=10&order=up") == "10up")
            #expect(try ask("?order=down") == "-down")
            #expect(try ask("") == "the parameter order is missing")
            #expect(try ask("?order=up&limits=3") == "there is no parameter limits")
            #expect(try ask("?order=sideways") == "order is none of up, down")
            for limit in ["0", "11", "-1", "+1", "1.5", "x", "", "99999999999999999999"] {
                #expect(try ask("?order=up&limit=\(limit)") == "limit is not a whole number from 1 to 10")
            }
        }
    }

    @Test func `where a token is asked for, only who shows it is let in`() throws {
        let secret = "0123456789abcdefghijklmn"
        let token = try #require(AccessToken(secret))
        #expect(AccessToken(String(secret.dropLast())) == nil)
        #expect(AccessToken(secret + " x") == nil)
        try Served(network: true, token: token).whileServing { (place) throws in
            guard case .network(let endpoint) = place else { return }
            func status(_ field: String) throws -> Substring {
                try Self.talk(
                    place,
                    "GET /v1/hello/x HTTP/1.1\r\nConnection: close\r\nHost: localhost:\(endpoint.port)\r\n\(field)\r\n"
                ).prefix(12)
            }
            #expect(try status("Authorization: Bearer \(secret)\r\n") == "HTTP/1.1 200")
            #expect(try status("authorization: bearer \(secret)\r\n") == "HTTP/1.1 200")
            for field in ["", "Authorization: Bearer \(secret)x\r\n", "Authorization: Basic \(secret)\r\n"] {
                #expect(try status(field) == "HTTP/1.1 401")
            }
        }
        // The socket file needs none: the kernel says who is there.
        try Served(token: token).whileServing { (place) throws in
            #expect(try HTTPClient(place).get("/v1/hello/x").status == 200)
        }
    }

    @Test func `a client that asks too often is told to wait`() throws {
        var limits = Limits()
        limits.interface.requestsAtOnce = 3
        limits.interface.requestsPerSecond = 0
        let served = try Served(network: true, limits: limits)
        try served.whileServing { (place) throws in
            let client = HTTPClient(place)
            #expect(try (0..<5).map { _ in try client.get("/v1/hello/x").status } == [200, 200, 200, 429, 429])
            #expect(try client.get("/v1/hello/x").fields["retry-after"] == "1")
        }
        #expect(served.server.counters.turnedAway == 3)
    }

    @Test func `a budget comes back with time, and is one per address`() {
        var limits = Limits().interface
        limits.requestsAtOnce = 2
        limits.requestsPerSecond = 4
        limits.clients = 2
        var budget = ClientBudget<IPAddress>(
            atOnce: limits.requestsAtOnce, perSecond: limits.requestsPerSecond, clients: limits.clients)
        let start = Instant(nanoseconds: 1_000_000_000)
        func take(_ address: UInt8, after milliseconds: UInt64) -> Bool {
            budget.take(from: IPAddress(v4: 0x7f00_0000 | UInt32(address)), at: start + .milliseconds(milliseconds))
        }
        #expect([take(1, after: 0), take(1, after: 0), take(1, after: 0)] == [true, true, false])
        #expect(take(2, after: 0))
        // A third address waits until one of the two is as good as new.
        #expect(!take(3, after: 100))
        #expect([take(1, after: 250), take(1, after: 260)] == [true, false])
        #expect(take(3, after: 300))
        #expect([take(1, after: 10_000), take(1, after: 10_000), take(1, after: 10_000)] == [true, true, false])
    }

    @Test func `pipelined requests are answered in order, HEAD without a body`() throws {
        try Served().whileServing { (place) throws in
            let text = try Self.talk(
                place,
                "GET /v1/hello/a HTTP/1.1\r\nHost: x\r\n\r\nHEAD /v1/hello/bcd HTTP/1.1\r\nHost: x\r\n\r\n"
                    + "GET /v1/hello/e HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\nGET /ignored HTTP/1.1\r\n")
            let answers = text.components("HTTP/1.1 200 OK\r\n")
            #expect(answers.count == 3)
            #expect(answers.first?.hasSuffix("{\"hello\":\"a\",\"by\":\"owner\"}\n") == true)
            #expect(answers.dropFirst().first?.contains("content-length: 29\r\n") == true)
            #expect(answers.dropFirst().first?.hasSuffix("\r\n\r\n") == true)
            #expect(answers.last?.contains("connection: close\r\n") == true)
            #expect(!text.contains("ignored") && !text.contains("404"))
        }
    }

    @Test func `a refused request is answered and the connection closed`() throws {
        try Served().whileServing { (place) throws in
            let text = try Self.talk(place, "GET / HTTP/1.1\nHost: x\n\n" + String(repeating: "x", count: 100_000))
            #expect(text.hasPrefix("HTTP/1.1 400 Bad Request\r\n"))
            #expect(text.contains("connection: close\r\n"))
        }
    }

    @Test func `slow heads, slow bodies and silence end`() throws {
        var limits = Limits()
        limits.interface.headTime = .milliseconds(40)
        limits.interface.bodyTime = .milliseconds(40)
        try Served(limits: limits).whileServing { (place) throws in
            #expect(try Self.talk(place, "GET / HT").hasPrefix("HTTP/1.1 408 "))
            let slowBody = "POST /v1/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc"
            #expect(try Self.talk(place, slowBody).hasPrefix("HTTP/1.1 408 "))
            #expect(try Self.talk(place, "") == "")
        }
    }

    @Test func `the client tells what went wrong`() throws {
        let folder = try TemporaryFolder()
        let nowhere = HTTPClient(.local(path: folder.path + "/none"))
        let missing = #expect(throws: HTTPClient.Failure.self) { try nowhere.get("/") }
        guard case .unreachable(let error)? = missing else { return #expect(Bool(false), "\(missing as Any)") }
        #expect(error.isNotFound)

        let run = try LoopRun()
        let silent = try StreamListener(on: run.loop, at: .local(path: folder.path + "/silent")) { _ in }
        let slow = HTTPClient(silent.place, timeout: .milliseconds(30))
        #expect(throws: HTTPClient.Failure.timedOut) { try slow.get("/") }
    }

    @Test(arguments: [
        "nonsense\r\n\r\n", "HTTP/1.1 99 x\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\n\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n", "HTTP/1.1 200 OK\r\nnocolon\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nshort",
    ])
    func `the client refuses a broken answer`(text: String) throws {
        let run = try LoopRun()
        let folder = try TemporaryFolder()
        final class Liar: StreamHandler {
            let text: String
            init(_ text: String) { self.text = text }
            func streamReceived(_ stream: StreamConnection) {
                stream.withInput { $0.consume(.max) }
                stream.send(Array(text.utf8))
                stream.finish()
            }
            func streamClosed(_ stream: StreamConnection, _ reason: StreamConnection.Ending) {}
        }
        let listener = try StreamListener(on: run.loop, at: .local(path: folder.path + "/liar")) {
            $0.handler = Liar(text)
        }
        let done = run.loop.mailbox(capacity: 1) { (_: Bool) in run.finish() }
        let place = listener.place
        let thread = try TestThread {
            defer { _ = done.post(true) }
            #expect(throws: HTTPClient.Failure.self) { try HTTPClient(place).get("/") }
        }
        try run.run()
        thread.join()
    }
}

extension String {
    /// The parts after each separator.
    fileprivate func components(_ separator: String) -> [String] {
        split(separator: separator).map(String.init)
    }
}
