/// What a request asks to be done. Other methods are answered with 501.
public enum HTTPMethod: String, Sendable, CaseIterable {
    case get = "GET"
    case head = "HEAD"
    case post = "POST"
    case put = "PUT"
    case delete = "DELETE"
    case options = "OPTIONS"
}

/// A whole request that passed every check of the parser.
public struct HTTPRequest: Sendable, Equatable {
    public var method: HTTPMethod
    public var target: HTTPTarget
    public var fields: HTTPFields
    public var body: [UInt8]
    /// Whether the client wants the connection to stay open.
    public var keepsAlive: Bool
}

/// Header fields in the order they came; names in lower case.
public struct HTTPFields: Sendable, Equatable {
    public struct Field: Sendable, Equatable {
        public let name: String
        public let value: String
    }

    public private(set) var fields: [Field] = []

    public init() {}

    public mutating func append(_ name: String, _ value: String) {
        fields.append(Field(name: name.lowercased(), value: value))
    }

    /// The first value of a field, by its lower-case name.
    public subscript(_ name: String) -> String? {
        fields.first { $0.name == name }?.value
    }

    public func all(_ name: String) -> [String] {
        fields.filter { $0.name == name }.map(\.value)
    }

    /// Whether a comma-separated field holds the token, in any case.
    func has(_ token: String, in name: String) -> Bool {
        all(name).contains { value in
            value.split(separator: ",").contains { trimmed($0).lowercased() == token }
        }
    }
}

/// Without the blanks and tabs around it.
func trimmed(_ text: some StringProtocol) -> String {
    let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
    guard let first = text.firstIndex(where: { !isBlank($0) }), let last = text.lastIndex(where: { !isBlank($0) })
    else { return "" }
    return String(text[first...last])
}

/// Why a request is not served: what to answer, and what to tell the person who sent it.
public struct HTTPRefusal: Error, Sendable, Equatable {
    public let status: HTTPStatus
    public let detail: String

    public init(_ status: HTTPStatus, _ detail: String) {
        self.status = status
        self.detail = detail
    }
}
