public import CairnBase

/// The answering end of `/ipfs/ping/1.0.0`: every 32 bytes come back as they are.
public struct PingEcho: Sendable {
    public static let count = 32
    private var pending: [UInt8] = []

    public init() {}

    /// The bytes to send back: whole questions only.
    public mutating func receive(_ bytes: [UInt8]) -> [UInt8] {
        pending.append(contentsOf: bytes)
        let whole = pending.count - pending.count % Self.count
        defer { pending.removeFirst(whole) }
        return Array(pending.prefix(whole))
    }
}

/// The asking end: one question of 32 bytes nobody can guess, and the time its echo took.
public struct PingQuestion: Sendable {
    public let bytes: [UInt8]
    private let asked: Instant
    private var heard: [UInt8] = []

    public enum Answer: Sendable, Equatable {
        case waiting
        case roundTrip(TimeSpan)
        /// Something else came back.
        case wrong
    }

    public init(_ bytes: Bytes32, at now: Instant) {
        self.bytes = bytes.bytes
        asked = now
    }

    public mutating func receive(_ piece: [UInt8], at now: Instant) -> Answer {
        heard.append(contentsOf: piece.prefix(bytes.count + 1 - heard.count))
        guard bytes.starts(with: heard) else { return .wrong }
        return heard.count == bytes.count ? .roundTrip(now.since(asked)) : .waiting
    }
}
