/// A thread that does one thing after another for its owner, while the owner goes on with something else.
///
/// The owner begins pieces of work and later waits for what came of them, in the same order. What the work touches belongs to
/// the companion until all of it is finished, and to the owner from then on: the lock that passes work on and products
/// back orders both sides.
public final class Companion<Product: Sendable> {
    private struct Line {
        var waiting: [@Sendable () -> Product] = []
        /// Begun and not done.
        var underWay = 0
        /// Done and not taken.
        var products: [Product] = []
        var isOver = false
    }

    private let name: String
    private let line = Guarded(Line())
    /// Nil until there is something to do.
    private var thread: WorkerThread?

    public init(name: String) {
        self.name = name
    }

    /// Has something done after all that was begun before. Where the system has no thread to give it is done at once.
    public func begin(_ work: @escaping @Sendable () -> Product) {
        guard let thread = thread ?? (try? WorkerThread(name: name, Self.serving(line))) else {
            let product = work()
            return line.change { $0.products.append(product) }
        }
        self.thread = thread
        line.change { line in
            line.waiting.append(work)
            line.underWay += 1
        }
    }

    /// Waits until no more than `count` pieces are under way; what came of those that are done, each once.
    public func finish(allBut count: Int = 0) -> [Product] {
        line.wait { line in
            guard line.underWay <= count else { return nil }
            defer { line.products = [] }
            return line.products
        }
    }

    private static func serving(_ line: Guarded<Line>) -> @Sendable () -> Void {
        {
            while let work = next(line) {
                let product = work()
                line.change { line in
                    line.products.append(product)
                    line.underWay -= 1
                }
            }
        }
    }

    /// Waits for something to do; nil when there will be nothing more.
    private static func next(_ line: Guarded<Line>) -> (@Sendable () -> Product)? {
        line.wait { line in
            if !line.waiting.isEmpty { return .some(line.waiting.removeFirst()) }
            return line.isOver ? .some(nil) : nil
        }
    }

    deinit {
        line.change { $0.isOver = true }
        thread?.join()
    }
}
