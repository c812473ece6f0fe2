import CLinux
import CairnBase
import Glibc
import Testing

@testable import CairnRuntime

/// Runs a loop until a test says it is done, or fails it when that takes too long.
final class LoopRun {
    let loop: EventLoop
    private(set) var finished = false

    init() throws {
        loop = try EventLoop()
    }

    func finish() {
        finished = true
        loop.stop()
    }

    func run(within limit: TimeSpan = .seconds(20), sourceLocation: SourceLocation = #_sourceLocation) throws {
        let deadline = loop.after(limit) { [loop] in loop.stop() }
        try loop.run()
        loop.cancel(deadline)
        #expect(finished, "the loop ran out of time", sourceLocation: sourceLocation)
    }

    /// Runs the loop here until blocking clients, on a thread of their own, are done.
    func run(beside clients: @escaping @Sendable () throws -> Void) throws {
        let done = loop.mailbox(capacity: 1) { [self] (_: Bool) in finish() }
        let thread = try TestThread {
            defer { _ = done.post(true) }
            try clients()
        }
        try run()
        thread.join()
    }
}

extension Endpoint {
    /// Any free port of the loopback interface.
    static let freeLoopback = Endpoint(.loopback, port: 0)

    /// The same in one of the loopback networks 127.1.0.0, 127.2.0.0 and so on.
    static func freeLoopback(network: UInt8, host: UInt8 = 1) -> Endpoint {
        Endpoint(IPAddress(v4: 0x7f00_0000 | UInt32(network) << 16 | UInt32(host)), port: 0)
    }
}

extension RawSpan {
    var array: [UInt8] { withUnsafeBytes { [UInt8]($0) } }
}

/// A folder of one test, removed with what is in it.
final class TemporaryFolder {
    let path: String

    init() throws {
        var template = Array("/tmp/cairn-test-XXXXXX".utf8CString)
        path = try template.withUnsafeMutableBufferPointer { buffer in
            let start = try #require(buffer.baseAddress)
            return String(cString: try #require(mkdtemp(start)))
        }
    }

    deinit { Self.removeAll(path) }

    private static func removeAll(_ path: String) {
        if let folder = opendir(path) {
            while let entry = readdir(folder) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                    pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                if name != ".", name != ".." { removeAll(path + "/" + name) }
            }
            closedir(folder)
        }
        remove(path)
    }
}

/// A blocking client, for tests that play the other side by hand.
final class RawClient {
    private let fd: FileDescriptor

    init(_ place: StreamListener.Place) throws {
        switch place {
        case .local(let path):
            fd = try FileDescriptor("connect", clinux_unix_connect(path))
        case .network(let endpoint):
            var form = endpoint.kernelForm
            fd = try FileDescriptor("connect", clinux_tcp_connect(&form, nil))
        }
        // Blocking from here on.
        #expect(fcntl(fd.raw, F_SETFL, 0) == 0)
    }

    func send(_ bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count {
            let count = Int(sendOnce(fd.raw, Array(bytes[sent...])))
            guard count > 0 else { return }
            sent += count
        }
    }

    /// Everything until the other side hangs up.
    /// What is there, or comes next; empty at the end.
    func receive() -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        let count = read(fd.raw, &buffer, buffer.count)
        return Array(buffer[..<max(0, count)])
    }

    func receiveAll() -> [UInt8] {
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = read(fd.raw, &buffer, buffer.count)
            guard count > 0 else { return received }
            received += buffer[..<count]
        }
    }

    private func sendOnce(_ fd: Int32, _ bytes: [UInt8]) -> Int {
        Glibc.send(fd, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }
}

/// Connects and resets the connection at once: what the other end accepts is dead already.
func resetConnection(to endpoint: Endpoint, from source: Endpoint) throws {
    func form(_ endpoint: Endpoint) -> sockaddr_in {
        var form = sockaddr_in()
        form.sin_family = sa_family_t(AF_INET)
        form.sin_port = endpoint.port.bigEndian
        form.sin_addr.s_addr = (endpoint.address.v4 ?? 0).bigEndian
        return form
    }
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var linger = linger(l_onoff: 1, l_linger: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
    let results = [(source, Glibc.bind), (endpoint, Glibc.connect)].map { place, call in
        var form = form(place)
        return withUnsafePointer(to: &form) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                call(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
    #expect(results == [0, 0], "errno \(errno)")
}
