import CairnBase
import Testing

@testable import CairnRuntime

@Suite struct HTTPParserTests {
    /// Feeds bytes in portions and collects requests until a refusal or the end.
    private func parse(_ text: [UInt8], portion: Int) -> (steps: [HTTPRequestParser.Step], left: Int) {
        var parser = HTTPRequestParser()
        var queue = ByteQueue()
        var steps: [HTTPRequestParser.Step] = []
        var start = 0
        while true {
            let step = parser.advance(&queue)
            if step == .needsMore {
                guard start < text.count else { return (steps, queue.count) }
                let end = min(text.count, start + portion)
                queue.append(Array(text[start..<end]))
                start = end
                continue
            }
            steps.append(step)
            if case .refused = step { return (steps, queue.count) }
        }
    }

    private func statuses(_ text: String, portion: Int = .max >> 1) -> [Int] {
        parse(Array(text.utf8), portion: portion).steps.map { step in
            switch step {
            case .request: 200
            case .refused(let refusal): refusal.status.rawValue
            case .needsMore: 0
            }
        }
    }

    static let long = String(repeating: "a", count: 2_049)
    static let manyFields = (0..<64).map { "x\($0): y\r\n" }.joined()

    /// Heads that are refused, with the exact status. `H` stands for a correct Host line.
    static let refused: [(head: String, status: Int)] = [
        ("GET /\r\n\r\n", 400), ("GET\r\n\r\n", 400), ("\r\n\r\n", 400), (" GET / HTTP/1.1\r\nH\r\n", 400),
        ("GET  / HTTP/1.1\r\nH\r\n", 400), ("GET / HTTP/1.1 \r\nH\r\n", 400), ("GET\t/ HTTP/1.1\r\nH\r\n", 400),
        ("G\u{0}T / HTTP/1.1\r\nH\r\n", 400), ("GET / http/1.1\r\nH\r\n", 400), ("GET / HTTP/11\r\nH\r\n", 400),
        ("GET / HTTP/1.1x\r\nH\r\n", 400), ("GET / HTTP/0.9\r\nH\r\n", 505), ("GET / HTTP/2.0\r\nH\r\n", 505),
        ("GET / HTTP/1.2\r\nH\r\n", 505), ("get / HTTP/1.1\r\nH\r\n", 501), ("BREW / HTTP/1.1\r\nH\r\n", 501),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505), ("OPTIONS * HTTP/1.1\r\nH\r\n", 400),
        ("GET http://x/ HTTP/1.1\r\nH\r\n", 400), ("CONNECT x:1 HTTP/1.1\r\nH\r\n", 400),
        ("GET x HTTP/1.1\r\nH\r\n", 400), ("GET //x HTTP/1.1\r\nH\r\n", 400), ("GET /x/ HTTP/1.1\r\nH\r\n", 400),
        ("GET /../etc HTTP/1.1\r\nH\r\n", 400), ("GET /a/./b HTTP/1.1\r\nH\r\n", 400),
        ("GET /%2e%2e/x HTTP/1.1\r\nH\r\n", 400), ("GET /a%2fb HTTP/1.1\r\nH\r\n", 400),
        ("GET /a%5cb HTTP/1.1\r\nH\r\n", 400), ("GET /a%00 HTTP/1.1\r\nH\r\n", 400),
        ("GET /a%0d%0ax HTTP/1.1\r\nH\r\n", 400), ("GET /a%ff HTTP/1.1\r\nH\r\n", 400),
        ("GET /a%4 HTTP/1.1\r\nH\r\n", 400), ("GET /a%zz HTTP/1.1\r\nH\r\n", 400),
        ("GET /a\u{e9} HTTP/1.1\r\nH\r\n", 400), ("GET /a#b HTTP/1.1\r\nH\r\n", 400),
        ("GET /<a> HTTP/1.1\r\nH\r\n", 400), ("GET /?a=1&a=2 HTTP/1.1\r\nH\r\n", 400),
        ("GET /?a=%01 HTTP/1.1\r\nH\r\n", 400), ("GET /\(long) HTTP/1.1\r\nH\r\n", 414),
        ("GET /\(long)\(long)", 414), ("GET / HTTP/1.1\nHost: x\n\n", 400), ("GET / HTTP/1.1\r\nH\n", 400),
        ("GET / HTTP/1.1\r\nA: b\rc: d\r\nH\r\n", 400), ("GET / HTTP/1.1\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: x\r\n\tfolded: x\r\n\r\n", 400), ("GET / HTTP/1.1\r\nA : b\r\nH\r\n", 400),
        ("GET / HTTP/1.1\r\n: b\r\nH\r\n", 400), ("GET / HTTP/1.1\r\nnocolon\r\nH\r\n", 400),
        ("GET / HTTP/1.1\r\nA: b\u{1}\r\nH\r\n", 400), ("GET / HTTP/1.1\r\nA: b\u{0}\r\nH\r\n", 400),
        ("GET / HTTP/1.1\r\nA\u{e9}: b\r\nH\r\n", 400), ("GET / HTTP/1.1\r\n\(manyFields)H\r\n", 431),
        ("GET / HTTP/1.1\r\nA: \(String(repeating: long, count: 8))", 431),
        ("POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\nH\r\n", 400),
        ("POST / HTTP/1.1\r\nContent-Length: 1, 1\r\nH\r\n", 400),
        ("POST / HTTP/1.1\r\nContent-Length: +1\r\nH\r\n", 400),
        ("POST / HTTP/1.1\r\nContent-Length: -1\r\nH\r\n", 400),
        ("POST / HTTP/1.1\r\nContent-Length: 0x1\r\nH\r\n", 400),
        ("POST / HTTP/1.1\r\nContent-Length:\r\nH\r\n", 400),
        ("POST / HTTP/1.1\r\nContent-Length: 1048577\r\nH\r\n", 413),
        ("POST / HTTP/1.1\r\nContent-Length: 18446744073709551616\r\nH\r\n", 413),
        ("POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\nH\r\n", 400),
        ("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nH\r\n", 411),
        ("POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\nH\r\n", 501),
        ("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\nH\r\n", 501),
        ("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\nH\r\n", 400),
        ("POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 1\r\nH\r\n", 417),
    ]

    private func expand(_ head: String) -> String {
        head.replacing("\r\nH\r\n", with: "\r\nHost: x\r\n\r\n").replacing("\r\nH\n", with: "\r\nHost: x\n\r\n")
    }

    @Test func `malformed heads get their status, in whole and byte by byte`() {
        for (head, status) in Self.refused {
            let head = expand(head)
            #expect(statuses(head) == [status], "\(head.prefix(60).debugDescription)")
            #expect(statuses(head, portion: 1) == [status], "\(head.prefix(60).debugDescription), byte by byte")
        }
    }

    @Test func `reads a request`() throws {
        let text =
            "\r\nPOST /v1/blocks/a%20b?from=1&note=a+b%26 HTTP/1.1\r\nHost: x\r\nX-A:  b\t \r\nContent-Length: 3\r\n\r\nxyz"
        let (steps, left) = parse(Array(text.utf8), portion: 1_000)
        guard case .request(let request) = try #require(steps.first) else { throw HTTPRefusal(.ok, "no request") }
        #expect(steps.count == 1 && left == 0)
        #expect(request.method == .post)
        #expect(request.target.segments == ["v1", "blocks", "a b"])
        #expect(request.target["from"] == "1" && request.target["note"] == "a b&" && request.target["to"] == nil)
        #expect(request.fields["x-a"] == "b")
        #expect(request.body == Array("xyz".utf8))
        #expect(request.keepsAlive)
    }

    @Test(arguments: [
        ("GET / HTTP/1.1\r\nHost: x\r\nConnection: Keep-Alive, CLOSE\r\n\r\n", false),
        ("GET / HTTP/1.0\r\n\r\n", false), ("GET / HTTP/1.1\r\nHost:\r\n\r\n", true),
    ])
    func `knows whether the connection stays open`(text: String, keepsAlive: Bool) {
        guard case .request(let request)? = parse(Array(text.utf8), portion: 9).steps.first else {
            return #expect(Bool(false), "a request was expected")
        }
        #expect(request.keepsAlive == keepsAlive)
    }

    @Test func `limits are exact`() {
        let fits = String(repeating: "a", count: 2_047)
        #expect(statuses("GET /\(fits) HTTP/1.1\r\nHost: x\r\n\r\n") == [200])
        #expect(statuses("GET /\(fits)a HTTP/1.1\r\nHost: x\r\n\r\n") == [414])
        let head = "GET / HTTP/1.1\r\nHost: x\r\nA: "
        let filler = String(repeating: "b", count: (16 << 10) - head.utf8.count - 4)
        #expect(statuses("\(head)\(filler)\r\n\r\n") == [200])
        #expect(statuses("\(head)\(filler)b\r\n\r\n") == [431])
        let fields = (0..<63).map { "x\($0): y\r\n" }.joined()
        #expect(statuses("GET / HTTP/1.1\r\nHost: x\r\n\(fields)\r\n") == [200])
        let body = String(repeating: "z", count: 1 << 20)
        #expect(statuses("PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 1048576\r\n\r\n\(body)") == [200])
    }

    @Test func `a truncated request is never a request`() {
        let text = Array("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nok".utf8)
        for length in 0..<text.count {
            #expect(parse(Array(text[..<length]), portion: 5).steps.isEmpty)
        }
    }

    /// Random mixes of good and broken pieces: however they are cut, the steps are the same.
    @Test(arguments: 0..<8 as Range<UInt64>)
    func `portions do not matter`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let pieces = [
            "GET / HTTP/1.1\r\n", "Host: x\r\n", "\r\n", "\n", "POST /a?b=c HTTP/1.1\r\n", "Content-Length: 4\r\n",
            "body",
            "Connection: close\r\n", "\r", " ", "%2e", "Content-Length: 4\r\n", "\u{0}", "x: y\r\n", "HTTP/1.0",
        ]
        for _ in 0..<150 {
            var text: [UInt8] = random.chance(ppm: 800_000) ? Array("GET / HTTP/1.1\r\nHost: x\r\n".utf8) : []
            for _ in 0..<random.below(9) { text += Array(pieces[Int(random.below(UInt64(pieces.count)))].utf8) }
            let whole = parse(text, portion: text.count + 1)
            for portion in [1, 2, 1 + Int(random.below(17))] {
                let cut = parse(text, portion: portion)
                #expect(cut.steps == whole.steps, "\(String(decoding: text, as: UTF8.self).debugDescription)")
            }
        }
    }

    /// Any bytes at all: no trap, and what is not refused stays within the limits.
    @Test(arguments: 0..<4 as Range<UInt64>)
    func `survives noise`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let valid = Array("POST /v1/x?y=z HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nX: y\r\n\r\nhello".utf8)
        for _ in 0..<1_500 {
            var bytes = valid
            for _ in 0...random.below(4) {
                let index = Int(random.below(UInt64(bytes.count)))
                switch random.below(3) {
                case 0: bytes[index] = UInt8(truncatingIfNeeded: random.next())
                case 1: bytes.remove(at: index)
                default: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: index)
                }
            }
            for case .request(let request) in parse(bytes, portion: 7).steps {
                #expect(request.target.segments.allSatisfy { !$0.isEmpty && $0 != ".." })
                #expect(request.fields.all("host").count == 1)
            }
        }
    }
}
