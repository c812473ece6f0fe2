public import CairnBase

/// Turns the bytes of a connection into requests, one after the other.
///
/// A state machine over bytes: it never waits, and the same bytes give the same requests and the same refusal however
/// they are cut into portions. It takes only the bytes of the request it is reading, so a pipelining client fills the
/// connection's bounded input and no more. After a refusal the framing of the connection is lost and it must be closed.
///
/// It is deliberately narrower than RFC 9112: no chunked bodies (411), no absolute-form targets, no obs-fold, no bare
/// line feeds, no second Host or Content-Length. What two parsers could read differently is refused.
public struct HTTPRequestParser: Sendable {
    public enum Step: Equatable, Sendable {
        case needsMore
        case request(HTTPRequest)
        case refused(HTTPRefusal)
    }

    /// What the connection is waiting for, for deadlines.
    public enum Phase: Equatable, Sendable {
        case between, head, body, refused
    }

    private enum State {
        case requestLine
        case fields(HTTPMethod, HTTPTarget, isVersion11: Bool, HTTPFields)
        case body(HTTPRequest, length: Int)
        case refused(HTTPRefusal)
    }

    private let limits: Limits.Interface
    private var state = State.requestLine
    private var lines: HTTPLineReader
    private var body: [UInt8] = []
    private var sawBlankLine = false
    private var sawBytes = false

    public init(limits: Limits.Interface = Limits().interface) {
        self.limits = limits
        lines = HTTPLineReader(headLimit: limits.headBytes)
    }

    public var phase: Phase {
        switch state {
        case .requestLine: sawBytes ? .head : .between
        case .fields: .head
        case .body: .body
        case .refused: .refused
        }
    }

    /// Goes as far as the input allows. Call again after a request: the next one may be there already.
    public mutating func advance(_ input: inout ByteQueue) -> Step {
        if !input.isEmpty { sawBytes = true }
        do throws(HTTPRefusal) {
            let step = try advanceOnce(&input)
            if case .request = step { reset() }
            return step
        } catch {
            state = .refused(error)
            return .refused(error)
        }
    }

    private mutating func reset() {
        state = .requestLine
        lines = HTTPLineReader(headLimit: limits.headBytes)
        body = []
        sawBlankLine = false
        sawBytes = false
    }

    private mutating func advanceOnce(_ input: inout ByteQueue) throws(HTTPRefusal) -> Step {
        while true {
            switch state {
            case .requestLine:
                guard let line = try nextLine(&input, isFirst: true) else { return .needsMore }
                if line.isEmpty, !sawBlankLine {
                    // Some clients end a body with a line that is not part of it.
                    sawBlankLine = true
                    continue
                }
                let (method, target, isVersion11) = try requestLine(line)
                state = .fields(method, target, isVersion11: isVersion11, HTTPFields())
            case .fields(let method, let target, let isVersion11, var fields):
                guard let line = try nextLine(&input, isFirst: false) else { return .needsMore }
                if !line.isEmpty {
                    try appendField(line, to: &fields)
                    state = .fields(method, target, isVersion11: isVersion11, fields)
                    continue
                }
                let length = try bodyLength(fields, isVersion11: isVersion11)
                let keepsAlive = isVersion11 && !fields.has("close", in: "connection")
                let request = HTTPRequest(
                    method: method, target: target, fields: fields, body: [], keepsAlive: keepsAlive)
                state = .body(request, length: length)
            case .body(var request, let length):
                body += input.take(length - body.count)
                guard body.count == length else { return .needsMore }
                request.body = body
                return .request(request)
            case .refused(let refusal):
                throw refusal
            }
        }
    }

    private mutating func nextLine(_ input: inout ByteQueue, isFirst: Bool) throws(HTTPRefusal) -> [UInt8]? {
        // The longest method and version around the longest target.
        let lineLimit = isFirst ? limits.target + 32 : limits.headBytes
        switch lines.next(&input, lineLimit: lineLimit) {
        case .line(let line): return line
        case .needsMore: return nil
        case .tooLong where isFirst: throw HTTPRefusal(.targetTooLong, "the request line is too long")
        case .tooLong: throw HTTPRefusal(.fieldsTooLarge, "the header is larger than \(limits.headBytes) bytes")
        case .malformed: throw HTTPRefusal(.badRequest, "a line does not end in carriage return and line feed")
        }
    }
}

// MARK: - Lines

extension HTTPRequestParser {
    private func requestLine(_ line: [UInt8]) throws(HTTPRefusal) -> (HTTPMethod, HTTPTarget, isVersion11: Bool) {
        let parts = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard parts.count == 3, isToken(parts[0]) else {
            throw HTTPRefusal(.badRequest, "the request line is not: method, target, version")
        }
        let isVersion11 = try version(parts[2])
        guard parts[1].count <= limits.target else {
            throw HTTPRefusal(.targetTooLong, "the request target is longer than \(limits.target) bytes")
        }
        let target = try HTTPTarget(parsing: Array(parts[1]))
        guard let method = HTTPMethod(rawValue: String(decoding: parts[0], as: UTF8.self)) else {
            throw HTTPRefusal(.notImplemented, "this method is not known here")
        }
        return (method, target, isVersion11)
    }

    private func version(_ bytes: ArraySlice<UInt8>) throws(HTTPRefusal) -> Bool {
        let text = Array(bytes)
        if text == Array("HTTP/1.1".utf8) { return true }
        if text == Array("HTTP/1.0".utf8) { return false }
        let isDigit: (UInt8) -> Bool = { (48...57).contains($0) }
        guard text.count == 8, text.starts(with: "HTTP/".utf8), isDigit(text[5]), text[6] == UInt8(ascii: "."),
            isDigit(text[7])
        else { throw HTTPRefusal(.badRequest, "the request line does not end in a version") }
        throw HTTPRefusal(.versionNotSupported, "only HTTP/1.1 and HTTP/1.0 are spoken here")
    }

    private func appendField(_ line: [UInt8], to fields: inout HTTPFields) throws(HTTPRefusal) {
        guard fields.fields.count < limits.headFields else {
            throw HTTPRefusal(.fieldsTooLarge, "the header has more than \(limits.headFields) fields")
        }
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), isToken(line[..<colon]) else {
            throw HTTPRefusal(.badRequest, "a header line is not: name, colon, value")
        }
        let value = line[(colon + 1)...]
        guard value.allSatisfy({ $0 == 9 || ($0 >= 0x20 && $0 != 0x7f) }) else {
            throw HTTPRefusal(.badRequest, "a header value holds a control character")
        }
        fields.append(
            String(decoding: line[..<colon], as: UTF8.self), trimmed(String(decoding: value, as: UTF8.self)))
    }

    /// How many bytes of body follow, after the checks that need the whole header.
    private func bodyLength(_ fields: HTTPFields, isVersion11: Bool) throws(HTTPRefusal) -> Int {
        let hosts = fields.all("host")
        guard hosts.count == 1 || (hosts.isEmpty && !isVersion11) else {
            throw HTTPRefusal(.badRequest, "a request names exactly one Host")
        }
        let lengths = fields.all("content-length")
        let encodings = fields.all("transfer-encoding")
        guard lengths.count <= 1, encodings.isEmpty || (lengths.isEmpty && isVersion11) else {
            throw HTTPRefusal(.badRequest, "the length of the body is given more than once")
        }
        if let encoding = encodings.first {
            guard encodings.count == 1, encoding.lowercased() == "chunked" else {
                throw HTTPRefusal(.notImplemented, "this transfer encoding is not known here")
            }
            throw HTTPRefusal(.lengthRequired, "send the body with a Content-Length")
        }
        guard fields["expect"] == nil else {
            throw HTTPRefusal(.expectationFailed, "send the request without Expect")
        }
        guard let text = lengths.first else { return 0 }
        guard !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }) else {
            throw HTTPRefusal(.badRequest, "Content-Length is not a number")
        }
        guard let length = Int(text), length <= limits.bodyBytes else {
            throw HTTPRefusal(.contentTooLarge, "a body has at most \(limits.bodyBytes) bytes")
        }
        return length
    }

    private func isToken(_ bytes: ArraySlice<UInt8>) -> Bool {
        !bytes.isEmpty
            && bytes.allSatisfy { byte in
                (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                    || Array("!#$%&'*+-.^_`|~".utf8).contains(byte)
            }
    }
}
