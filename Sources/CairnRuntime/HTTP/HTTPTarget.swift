internal import CairnBase

/// Where a request goes: decoded path segments and query parameters.
///
/// Only the origin form is known. A path has one spelling here: dot segments, empty segments, encoded slashes, control
/// characters and anything that is not UTF-8 are refused, so nothing behind it can be reached by a second name.
public struct HTTPTarget: Sendable, Equatable {
    public struct Parameter: Sendable, Equatable {
        public let name: String
        public let value: String
    }

    public let segments: [String]
    public let parameters: [Parameter]

    static let parameterLimit = 32

    /// The value of a query parameter.
    public subscript(_ name: String) -> String? {
        parameters.first { $0.name == name }?.value
    }

    public var path: String { "/" + segments.joined(separator: "/") }

    init(parsing bytes: [UInt8]) throws(HTTPRefusal) {
        guard bytes.first == UInt8(ascii: "/") else {
            throw HTTPRefusal(.badRequest, "the request target must be a path that begins with /")
        }
        guard bytes.allSatisfy(Self.isAllowed) else {
            throw HTTPRefusal(.badRequest, "the request target holds a character that must be percent-encoded")
        }
        let halves = bytes.split(separator: UInt8(ascii: "?"), maxSplits: 1, omittingEmptySubsequences: false)
        segments = try Self.segments(halves[0].dropFirst())
        parameters = halves.count > 1 ? try Self.parameters(halves[1]) : []
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        (0x21...0x7e).contains(byte) && !Array("\"#<>\\^`{|}".utf8).contains(byte)
    }

    private static func segments(_ path: ArraySlice<UInt8>) throws(HTTPRefusal) -> [String] {
        if path.isEmpty { return [] }
        var segments: [String] = []
        for part in path.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            let segment = try decoded(part, plusIsSpace: false)
            guard !segment.isEmpty, segment != ".", segment != "..", !segment.utf8.contains(UInt8(ascii: "/")),
                !segment.utf8.contains(UInt8(ascii: "\\"))
            else { throw HTTPRefusal(.badRequest, "the path has an empty, dot or slash segment") }
            segments.append(segment)
        }
        return segments
    }

    private static func parameters(_ query: ArraySlice<UInt8>) throws(HTTPRefusal) -> [Parameter] {
        var parameters: [Parameter] = []
        for part in query.split(separator: UInt8(ascii: "&")) {
            let sides = part.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            let name = try decoded(sides[0], plusIsSpace: true)
            let value = sides.count > 1 ? try decoded(sides[1], plusIsSpace: true) : ""
            guard parameters.count < parameterLimit, !parameters.contains(where: { $0.name == name }) else {
                throw HTTPRefusal(.badRequest, "the query repeats a parameter or has too many")
            }
            parameters.append(Parameter(name: name, value: value))
        }
        return parameters
    }

    private static func decoded(_ part: ArraySlice<UInt8>, plusIsSpace: Bool) throws(HTTPRefusal) -> String {
        var bytes: [UInt8] = []
        var rest = part
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%") {
                guard let high = rest.popFirst().flatMap(hexValue), let low = rest.popFirst().flatMap(hexValue) else {
                    throw HTTPRefusal(.badRequest, "the request target has a broken percent-encoding")
                }
                bytes.append(high << 4 | low)
            } else {
                bytes.append(plusIsSpace && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            }
        }
        guard bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }), let text = String(validating: bytes, as: UTF8.self) else {
            throw HTTPRefusal(.badRequest, "the request target encodes a control character or is not UTF-8")
        }
        return text
    }
}
