internal import CairnBase

/// An answer without an end: what is sent goes out as it comes, until one side has enough.
public final class HTTPStream {
    /// Called once when the client is gone, or the server ends.
    public var onEnd: () -> Void = {}

    private let stream: StreamConnection
    private var isOver = false

    init(_ stream: StreamConnection) {
        self.stream = stream
    }

    /// Whether the client takes less than it is sent.
    public var isCongested: Bool { stream.isCongested }

    /// False when no more can be sent; nothing was then.
    @discardableResult
    public func send(_ text: String) -> Bool {
        !isOver && stream.send(Array(text.utf8))
    }

    /// Says good-bye after what was sent.
    public func finish() {
        end()
        stream.finish()
    }

    func end() {
        guard !isOver else { return }
        isOver = true
        onEnd()
    }
}
