internal import CairnBase
public import CairnWire

/// An answer with a body of known length.
public struct HTTPResponse: Sendable, Equatable {
    public var status: HTTPStatus
    public var fields = HTTPFields()
    public var body: [UInt8]

    public init(_ status: HTTPStatus, type: String, body: [UInt8]) {
        self.status = status
        self.body = body
        fields.append("content-type", type)
    }

    public static func json(_ value: JSON, status: HTTPStatus = .ok) -> HTTPResponse {
        var body: [UInt8] = []
        value.append(to: &body)
        body.append(UInt8(ascii: "\n"))
        return HTTPResponse(status, type: "application/json", body: body)
    }

    public static func text(_ text: String, type: String = "text/plain; charset=utf-8") -> HTTPResponse {
        HTTPResponse(.ok, type: type, body: Array(text.utf8))
    }

    /// A problem document (RFC 9457) with a stable `code` and, where there is one, what to do about it.
    public static func problem(
        _ status: HTTPStatus, code: String? = nil, _ detail: String, hint: String? = nil
    ) -> HTTPResponse {
        var members: [JSON.Member] = [
            .init("type", "about:blank"), .init("title", .string(status.reason)),
            .init("status", JSON(status.rawValue)),
            .init("code", .string(code ?? status.code)), .init("detail", .string(detail)),
        ]
        if let hint { members.append(.init("hint", .string(hint))) }
        var response = json(.object(members), status: status)
        response.fields = HTTPFields()
        response.fields.append("content-type", "application/problem+json")
        return response
    }

    /// The head of an answer that ends with its connection.
    static func streamHead(type: String, at time: WallTime) -> [UInt8] {
        Array(
            """
            HTTP/1.1 200 OK\r\ndate: \(time.httpDate)\r\ncontent-type: \(type)\r\ncache-control: no-store\r\n\
            x-content-type-options: nosniff\r\nconnection: close\r\n\r\n
            """.utf8)
    }

    /// The bytes to send. An answer to HEAD has the length of the body it leaves out.
    func encoded(at time: WallTime, keepsAlive: Bool, forHead: Bool) -> [UInt8] {
        var head = "HTTP/1.1 \(status.rawValue) \(status.reason)\r\ndate: \(time.httpDate)\r\n"
        head += "content-length: \(body.count)\r\ncache-control: no-store\r\nx-content-type-options: nosniff\r\n"
        for field in fields.fields { head += "\(field.name): \(Self.printable(field.value))\r\n" }
        if !keepsAlive { head += "connection: close\r\n" }
        head += "\r\n"
        return Array(head.utf8) + (forHead ? [] : body)
    }

    /// A value cannot end its line.
    private static func printable(_ value: String) -> String {
        String(decoding: value.utf8.map { $0 < 0x20 || $0 == 0x7f ? UInt8(ascii: " ") : $0 }, as: UTF8.self)
    }
}
