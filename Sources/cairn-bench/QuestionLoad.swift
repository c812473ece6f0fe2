import CairnRuntime
import Glibc
import Synchronization

/// Threads that ask all nodes about their chains without a pause, until they are told to stop.
final class QuestionLoad {
    private final class Shared: Sendable {
        let isOver = Atomic(false)
        let answered = Atomic(0)
        let sockets: [String]

        init(_ sockets: [String]) { self.sockets = sockets }

        func ask(from offset: Int) {
            let questions = [
                "/v1/chain/supply", "/v1/validator/list", "/v1/chain/block", "/v1/params", "/v1/why/badLeaf",
            ]
            var index = offset
            while !isOver.load(ordering: .relaxed) {
                let client = HTTPClient(.local(path: sockets[index % sockets.count]))
                if (try? client.get(questions[(index / sockets.count + offset) % questions.count]))?.status == 200 {
                    answered.add(1, ordering: .relaxed)
                }
                index += 1
            }
        }
    }

    private let shared: Shared
    private var threads: [pthread_t] = []

    init(_ sockets: [String], threads count: Int) {
        shared = Shared(sockets)
        for offset in 0..<count {
            final class Start {
                let shared: Shared
                let offset: Int
                init(_ shared: Shared, _ offset: Int) { (self.shared, self.offset) = (shared, offset) }
            }
            var thread = pthread_t()
            // SAFETY: the thread takes over the one reference that is made here.
            let context = Unmanaged.passRetained(Start(shared, offset)).toOpaque()
            let code = pthread_create(
                &thread, nil,
                { context in
                    guard let context else { return nil }
                    // SAFETY: it is the reference that was handed to the thread, taken once.
                    let start = Unmanaged<Start>.fromOpaque(context).takeRetainedValue()
                    start.shared.ask(from: start.offset)
                    return nil
                }, context)
            if code == 0 { threads.append(thread) }
        }
    }

    /// How many questions were answered.
    func stop() -> Int {
        shared.isOver.store(true, ordering: .relaxed)
        for thread in threads { pthread_join(thread, nil) }
        return shared.answered.load(ordering: .relaxed)
    }
}
