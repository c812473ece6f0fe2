import CairnBase
import CairnRuntime
import Testing

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
