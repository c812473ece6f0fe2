internal import CLinux
public import CairnBase
internal import Glibc

/// Asks a node on this machine one question and waits for the answer, within a deadline.
///
/// For the command line: one connection per request, blocking, bounded. Unlike the node's own loop it owns its thread.
public struct HTTPClient: Sendable {
    public struct Answer: Sendable, Equatable {
        public let status: Int
        public let fields: HTTPFields
        public let body: [UInt8]
    }

    public enum Failure: Error, Equatable, Sendable {
        /// Nobody could be reached: no socket file, nobody listening, no permission.
        case unreachable(SystemError)
        /// The connection broke, or the time was up before the whole answer was there.
        case broken(SystemError)
        case timedOut
        /// What came back is not an HTTP answer, or too large a one.
        case malformed(String)
    }

    public let place: StreamListener.Place
    public var timeout: TimeSpan
    public var answerLimit = 16 << 20

    public init(_ place: StreamListener.Place, timeout: TimeSpan = .seconds(10)) {
        self.place = place
        self.timeout = timeout
    }

    public func get(_ target: String) throws(Failure) -> Answer {
        try send(.get, target, body: [])
    }

    public func post(_ target: String, body: [UInt8] = []) throws(Failure) -> Answer {
        try send(.post, target, body: body)
    }

    private func send(_ method: HTTPMethod, _ target: String, body: [UInt8]) throws(Failure) -> Answer {
        let deadline = Clock.monotonic() + timeout
        var exchange = try HTTPExchange(connectingTo: place, deadline: deadline)
        try exchange.establish()
        var head = "\(method.rawValue) \(target) HTTP/1.1\r\nhost: \(hostName)\r\nconnection: close\r\n"
        if method == .post { head += "content-type: application/json\r\ncontent-length: \(body.count)\r\n" }
        try exchange.write(Array("\(head)\r\n".utf8) + body)
        return try exchange.readAnswer(limit: answerLimit)
    }

    private var hostName: String {
        switch place {
        case .network(let endpoint): endpoint.description
        case .local: "localhost"
        }
    }
}

/// One connection of a client.
private struct HTTPExchange: ~Copyable {
    private let fd: FileDescriptor
    private let deadline: Instant
    private var input = ByteQueue()

    init(connectingTo place: StreamListener.Place, deadline: Instant) throws(HTTPClient.Failure) {
        self.deadline = deadline
        do throws(SystemError) {
            fd = try Self.connect(to: place)
        } catch {
            throw .unreachable(error)
        }
    }

    private static func connect(to place: StreamListener.Place) throws(SystemError) -> FileDescriptor {
        switch place {
        case .local(let path):
            return try FileDescriptor("connect", clinux_unix_connect(path))
        case .network(let endpoint):
            var form = endpoint.kernelForm
            // SAFETY: the pointer is to a local that lives across the call.
            return try FileDescriptor("connect", unsafe clinux_tcp_connect(&form, nil))
        }
    }

    /// Waits until the connection is there or refused.
    func establish() throws(HTTPClient.Failure) {
        try wait(for: .writable)
        let error = clinux_socket_error(fd.raw)
        if error != 0 { throw .unreachable(SystemError("connect", code: -error)) }
    }

    mutating func write(_ bytes: [UInt8]) throws(HTTPClient.Failure) {
        var output = ByteQueue()
        output.append(bytes)
        while !output.isEmpty {
            let count = unsafe output.withUnsafeBytes { bytes in
                // SAFETY: the bytes outlive the call.
                Int(unsafe clinux_send(fd.raw, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count))
            }
            if count > 0 {
                output.consume(count)
            } else if wouldBlock(Int32(-count)) {
                try wait(for: .writable)
            } else if Int32(-count) == EPIPE || Int32(-count) == ECONNRESET {
                // It may have answered before it hung up.
                return
            } else {
                throw .broken(SystemError("send", code: Int32(-count)))
            }
        }
    }

    mutating func readAnswer(limit: Int) throws(HTTPClient.Failure) -> HTTPClient.Answer {
        var lines = HTTPLineReader(headLimit: 64 << 10)
        let status = try statusCode(try nextLine(&lines))
        var fields = HTTPFields()
        while true {
            let line = try nextLine(&lines)
            if line.isEmpty { break }
            guard let colon = line.firstIndex(of: ":"), fields.fields.count < 128 else {
                throw .malformed("a header line of the answer is not: name, colon, value")
            }
            fields.append(String(line[..<colon]), trimmed(line[line.index(after: colon)...]))
        }
        guard let text = fields["content-length"], let length = Int(text), (0...limit).contains(length) else {
            throw .malformed("the answer has no usable length")
        }
        while input.count < length { try readMore() }
        return HTTPClient.Answer(status: status, fields: fields, body: input.take(length))
    }

    private func statusCode(_ line: String) throws(HTTPClient.Failure) -> Int {
        let parts = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count >= 2, parts[0] == "HTTP/1.1" || parts[0] == "HTTP/1.0", parts[1].utf8.count == 3,
            let status = Int(parts[1]), (100...599).contains(status)
        else { throw .malformed("the answer does not begin with an HTTP status") }
        return status
    }

    private mutating func nextLine(_ lines: inout HTTPLineReader) throws(HTTPClient.Failure) -> String {
        while true {
            switch lines.next(&input, lineLimit: 16 << 10) {
            case .line(let line): return String(decoding: line, as: UTF8.self)
            case .needsMore: try readMore()
            case .tooLong, .malformed: throw .malformed("the header of the answer is broken")
            }
        }
    }

    private mutating func readMore() throws(HTTPClient.Failure) {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            // SAFETY: the buffer holds as many bytes as the call is told.
            let count = unsafe buffer.withUnsafeMutableBufferPointer { buffer in
                Int(unsafe clinux_read(fd.raw, buffer.baseAddress, buffer.count))
            }
            if count > 0 { return input.append(Array(buffer[..<count])) }
            if count == 0 { throw .broken(SystemError("read", code: ECONNRESET)) }
            guard wouldBlock(Int32(-count)) else { throw .broken(SystemError("read", code: Int32(-count))) }
            try wait(for: .readable)
        }
    }

    private func wait(for readiness: Readiness) throws(HTTPClient.Failure) {
        while true {
            let left = deadline.since(Clock.monotonic())
            if left == .zero { throw .timedOut }
            let count = clinux_poll_one(fd.raw, readiness.rawValue, Int64(clamping: left.nanoseconds))
            if count > 0 { return }
            if count < 0 { throw .broken(SystemError("poll", code: -count)) }
        }
    }
}
