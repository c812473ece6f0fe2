import CairnBase
import CairnLedger
import CairnRuntime
import CairnStore
import CairnWire
import SampleChains
import Testing

@testable import CairnCLI

/// The document that programs make clients of, replayed against a node that runs.
@Suite struct OpenAPITests {
    /// What a chain of this size may lack.
    private static let mayLack = [
        "/v1/objects/{id}", "/v1/transactions/{id}", "/v1/chain/tx/{id}", "/tx", "/v1/chain/account",
        "/v1/chain/committee",
    ]

    private func escaped(_ text: String) -> String {
        text.utf8.map { byte in
            let isPlain =
                UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte
                || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
            return isPlain ? String(UnicodeScalar(byte)) : "%" + hex([byte])
        }.joined()
    }

    /// A path with the examples of its parameters in it.
    private func target(_ path: String, _ operation: JSON, _ values: [String: String]) -> String? {
        var (filled, query) = (path, [String]())
        for parameter in operation["parameters"]?.array ?? [] {
            let name = parameter["name"]?.string ?? ""
            let example = parameter["example"]?.string ?? parameter["example"]?.integer(UInt64.self).map { "\($0)" }
            guard let value = values[name] ?? example else {
                if parameter["required"] == true { return nil }
                continue
            }
            if parameter["in"]?.string == "path" {
                filled = filled.split(separator: "{\(name)}", omittingEmptySubsequences: false)
                    .joined(separator: escaped(value))
            } else {
                query.append("\(name)=\(escaped(value))")
            }
        }
        return query.isEmpty ? filled : filled + "?" + query.joined(separator: "&")
    }

    @Test func everyExampleIsAnswered() throws {
        try withTemporaryDirectory { home in
            let genesis = try RewardedChain(in: ChainStore(directory: home)).genesis
            let node = try LiveNode(home: home, genesis: genesis)
            let client = HTTPClient(.network(node.api))
            let document = try JSONReader.read(try client.get("/openapi.json").body)
            #expect(document["openapi"]?.string == "3.1.0")
            let resources = try JSONReader.read(try client.get("/v1/resource/list").body)["resources"]?.array ?? []
            let values = [
                // Of this one there is a verdict in that block.
                "resource": resources.compactMap { ($0["resource"] ?? $0["id"])?.string }
                    .first { $0.hasPrefix("6e5d5ebf") }
                    ?? "none",
                "block": "80", "epoch": "3",
            ]
            var answered = 0
            for path in document["paths"]?.object ?? [] where path.key != "/v1/events" {
                guard let operation = path.value["get"], let target = target(path.key, operation, values) else {
                    continue
                }
                let answer = try client.get(target)
                if operation["description"]?.string == "Only over the node's own socket file." {
                    #expect(answer.status == 403, "\(target)")
                    #expect(try HTTPClient(.local(path: node.socket)).get(target).status == 200, "\(target)")
                    continue
                }
                let type = answer.fields["content-type"] ?? ""
                if answer.status == 404, Self.mayLack.contains(path.key) || path.key.contains("account") {
                    #expect(type == "application/problem+json", "\(target)")
                    continue
                }
                #expect(answer.status == 200, "\(target): \(String(decoding: answer.body, as: UTF8.self))")
                let declared = operation["responses"]?["200"]?["content"]?.object?.first?.key ?? "?"
                #expect(type.hasPrefix(declared), "\(target)")
                answered += 1
                guard declared == "application/json" else { continue }
                let body = try JSONReader.read(answer.body)
                guard let method = operation["operationId"]?.string, body["jsonrpc"] == nil else { continue }
                // The same line of the table, as a method.
                let params = (operation["parameters"]?.array ?? []).compactMap { parameter -> JSON.Member? in
                    let name = parameter["name"]?.string ?? ""
                    return (values[name].map { .string($0) } ?? parameter["example"]).map { JSON.Member(name, $0) }
                }
                let request: JSON = ["jsonrpc": "2.0", "method": .string(method), "params": .object(params), "id": 1]
                let called = try JSONReader.read(try client.post("/rpc", body: Array(request.text.utf8)).body)
                #expect(called["result"]?["schema"] == body["schema"], "\(method): \(called.text)")
            }
            #expect(answered >= 25)
            try node.stop()
        }
    }

    /// The page for people names every line of the table.
    @Test func thePageNamesEveryPath() throws {
        try withTemporaryDirectory { home in
            let genesis = try RewardedChain(in: ChainStore(directory: home)).genesis
            let node = try LiveNode(home: home, genesis: genesis)
            let document = try JSONReader.read(try HTTPClient(.network(node.api)).get("/openapi.json").body)
            let page = try TextFile.read(joinPath(parent(of: parent(of: parent(of: #filePath))), "docs/api.md"))
            for path in document["paths"]?.object ?? [] {
                #expect(
                    page.contains("`\(path.key)`") || page.contains(" \(path.key)`"),
                    "\(path.key) is not in docs/api.md")
            }
            try node.stop()
        }
    }
}
