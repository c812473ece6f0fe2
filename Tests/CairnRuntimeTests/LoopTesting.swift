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
}

extension Endpoint {
    /// Any free port of the loopback interface.
    static let freeLoopback = Endpoint(.loopback, port: 0)
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

/// A blocking client of a unix socket, for tests that play the other side by hand.
final class UnixClient {
    private let fd: FileDescriptor

    init(_ path: String) throws {
        fd = try FileDescriptor("connect", clinux_unix_connect(path))
    }

    func send(_ bytes: [UInt8]) {
        #expect(write(fd.raw, bytes, bytes.count) == bytes.count)
    }
}
