internal import CairnBase
internal import CairnWire

/// The table of routes in the words of OpenAPI 3.1, for programs that make clients of it.
struct OpenAPI {
    let routes: [HTTPRoute]
    let version: String
    let hasToken: Bool

    var document: JSON {
        var paths: [JSON.Member] = []
        for path in routes.map(\.path) where !paths.contains(where: { $0.key == path }) {
            let operations = routes.filter { $0.path == path }.map { route in
                JSON.Member(route.method.rawValue.lowercased(), operation(route))
            }
            paths.append(.init(path, .object(operations)))
        }
        return [
            "openapi": "3.1.0",
            "info": [
                "title": "cairn", "version": .string(version),
                "description":
                    "What a node of Cairn answers. Amounts named *_units are whole numbers of the smallest unit.",
            ],
            "paths": .object(paths),
            "components": [
                "schemas": ["problem": Self.problem],
                "securitySchemes": ["token": ["type": "http", "scheme": "bearer"]],
            ],
            "security": hasToken ? [["token": []]] : [],
        ]
    }

    private func operation(_ route: HTTPRoute) -> JSON {
        var members: [JSON.Member] = [.init("summary", .string(route.summary))]
        if let name = route.name { members.insert(.init("operationId", .string(name)), at: 0) }
        if route.access == .owner { members.append(.init("description", "Only over the node's own socket file.")) }
        let parameters = route.parameters.filter { $0.place != .body }
        if !parameters.isEmpty { members.append(.init("parameters", .array(parameters.map(Self.parameter)))) }
        if let body = route.parameters.first(where: { $0.place == .body }) {
            members.append(
                .init(
                    "requestBody",
                    [
                        "description": .string(body.summary), "required": true,
                        "content": .object([.init(route.reading, ["schema": [:]])]),
                    ]))
        }
        members.append(
            .init(
                "responses",
                [
                    "200": [
                        "description": "The answer.", "content": .object([.init(route.answering, ["schema": [:]])]),
                    ],
                    "default": [
                        "description": "Why there is none.",
                        "content": [
                            "application/problem+json": ["schema": ["$ref": "#/components/schemas/problem"]]
                        ],
                    ],
                ]))
        return .object(members)
    }

    private static func parameter(_ parameter: HTTPParameter) -> JSON {
        var members: [JSON.Member] = [
            .init("name", .string(parameter.name)), .init("in", .string(parameter.place.rawValue)),
            .init("required", .bool(parameter.isRequired)), .init("description", .string(parameter.summary)),
            .init("schema", schema(parameter.kind)),
        ]
        if let example = parameter.example {
            members.append(.init("example", parameter.kind.isNumber ? JSON(UInt64(example) ?? 0) : .string(example)))
        }
        return .object(members)
    }

    private static func schema(_ kind: HTTPParameter.Kind) -> JSON {
        switch kind {
        case .text: ["type": "string"]
        case .integer(let range):
            ["type": "integer", "minimum": JSON(range.lowerBound), "maximum": JSON(range.upperBound)]
        case .choice(let words): ["type": "string", "enum": .array(words.map { .string($0) })]
        }
    }

    private static let problem: JSON = [
        "type": "object", "required": ["title", "status", "code", "detail"],
        "properties": [
            "title": ["type": "string"], "status": ["type": "integer"], "detail": ["type": "string"],
            "code": ["type": "string", "description": "Stable; what a program decides by."],
            "hint": ["type": "string", "description": "What to do about it."],
        ],
    ]
}

extension HTTPParameter.Kind {
    fileprivate var isNumber: Bool {
        if case .integer = self { true } else { false }
    }
}
