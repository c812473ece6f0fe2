internal import CLinux
internal import CairnBase
internal import CairnThreads

/// A bounded queue from any thread into the loop's thread.
///
/// `post` is the only thing another thread may do to a loop. A full mailbox refuses: whoever posts decides what that
/// means. The loop delivers the messages of all mailboxes once per turn, in the order of each mailbox.
public final class Mailbox<Message: Sendable>: Sendable {
    private let queue = Guarded<[Message]>([])
    private let capacity: Int
    private let bell: Bell

    init(capacity: Int, bell: Bell) {
        self.capacity = capacity
        self.bell = bell
    }

    /// Hands a message to the loop. False when the mailbox is full and nothing was queued.
    public func post(_ message: Message) -> Bool {
        let isFirst: Bool? = queue.withLock { queue in
            guard queue.count < capacity else { return nil }
            queue.append(message)
            return queue.count == 1
        }
        guard let isFirst else { return false }
        if isFirst { bell.ring() }
        return true
    }

    func takeAll() -> [Message] {
        queue.withLock { queue in
            // Most turns find nothing; they allocate nothing either.
            guard !queue.isEmpty else { return [] }
            let messages = queue
            queue.removeAll(keepingCapacity: true)
            return messages
        }
    }
}

/// The eventfd that ends the loop's wait.
final class Bell: Sendable {
    let fd: FileDescriptor

    init() throws(SystemError) {
        fd = try FileDescriptor("eventfd", clinux_eventfd())
    }

    func ring() {
        let result = clinux_eventfd_signal(fd.raw)
        invariant(result == 0, "an eventfd can be signalled")
    }

    func silence() {
        _ = clinux_eventfd_take(fd.raw)
    }
}
