public import CairnBase

/// Holds back what a connection sends and receives, where a faulty network is tried.
public struct StreamValve {
    /// Whether nothing passes, in either direction.
    let isShut: () -> Bool
    /// How much later what is sent now shall leave.
    let holdTime: () -> TimeSpan

    public init(isShut: @escaping () -> Bool, holdTime: @escaping () -> TimeSpan) {
        self.isShut = isShut
        self.holdTime = holdTime
    }

    /// How often a connection looks whether a shut valve is open again.
    static let lookTime = TimeSpan.milliseconds(50)

    /// Bytes on their way, in order: what was sent later does not leave sooner.
    struct Held {
        private(set) var count = 0
        private var portions: [(due: Instant, bytes: [UInt8])] = []

        var isEmpty: Bool { portions.isEmpty }
        var firstDue: Instant? { portions.first?.due }

        mutating func add(_ bytes: [UInt8], due: Instant) {
            portions.append((max(due, portions.last?.due ?? due), bytes))
            count += bytes.count
        }

        mutating func take(until now: Instant) -> [[UInt8]] {
            let ready = portions.prefix { $0.due <= now }
            portions.removeFirst(ready.count)
            count -= ready.reduce(0) { $0 + $1.bytes.count }
            return ready.map(\.bytes)
        }
    }
}
