public import CairnBase
import CairnWire

/// The witness's side of a round-trip measurement: eight nonces a quarter of a second apart, each answered with a code
/// that only the holder of the session's key can make.
///
/// Answers are codes and not signatures, because making a signature takes as long as light for kilometres. The edge
/// checks a code before it says that an answer came; what is missing counts as lost.
public struct RoundTripProbe<Hash: HashFunction>: ProtocolCore {
    public enum Input: Sendable {
        case start
        case timer
        /// A right answer to the nonce of this place.
        case answer(Int, code: Bytes32)
    }

    public enum Effect: Sendable, Equatable {
        case send(Int, nonce: [UInt8])
        case wake(Instant)
        /// To be signed by both; nil when too few answers came.
        case done(RoundTripMeasurement?)
    }

    public static var nonceCount: Int { 8 }
    public static var nonceSize: Int { 16 }
    public static var answersMin: Int { 5 }
    private static var step: TimeSpan { .milliseconds(250) }
    /// After the last nonce.
    private static var patience: TimeSpan { .seconds(2) }

    private struct Round: Sendable {
        let nonce: [UInt8]
        var sent: Instant?
        var answer: (code: Bytes32, microseconds: UInt32)?
    }

    private let challenge: Digest
    private let witness: ResourceID
    private let target: ResourceID
    private let hash: Hash
    private var rounds: [Round]
    private var sent = 0
    private var deadline: Instant?
    private var isDone = false

    /// - Parameter secret: known to nobody else; the nonces follow from it.
    public init(challenge: Digest, witness: ResourceID, target: ResourceID, secret: Bytes32, hash: Hash) {
        self.challenge = challenge
        self.witness = witness
        self.target = target
        self.hash = hash
        rounds = (0..<UInt8(Self.nonceCount)).map { index in
            let seed = hash.digest(Tags.roundTripNonce, secret.bytes + challenge.raw.bytes + [index])
            return Round(nonce: Array(seed.raw.bytes[..<Self.nonceSize]))
        }
    }

    /// The key of the codes: it belongs to one session and one challenge.
    public static func key(handshake: Digest, challenge: Digest, using hash: Hash) -> Digest {
        hash.digest(Tags.roundTripKey, handshake.raw, challenge.raw)
    }

    public mutating func handle(_ input: consuming Input, at now: Instant, into effects: inout [Effect]) {
        guard !isDone else { return }
        switch input {
        case .start: if sent == 0 { send(now, &effects) }
        case .timer:
            if sent < rounds.count { send(now, &effects) } else if let deadline, now >= deadline { finish(&effects) }
        case .answer(let index, let code): note(index, code, now, &effects)
        }
    }

    private mutating func send(_ now: Instant, _ effects: inout [Effect]) {
        rounds[sent].sent = now
        effects.append(.send(sent, nonce: rounds[sent].nonce))
        sent += 1
        let wake = now + (sent < rounds.count ? Self.step : Self.patience)
        if sent == rounds.count { deadline = wake }
        effects.append(.wake(wake))
    }

    private mutating func note(_ index: Int, _ code: Bytes32, _ now: Instant, _ effects: inout [Effect]) {
        guard rounds.indices.contains(index), let started = rounds[index].sent, rounds[index].answer == nil else {
            return
        }
        let nanoseconds = now.since(started).nanoseconds
        let microseconds = nanoseconds / 1_000 + (nanoseconds % 1_000 == 0 ? 0 : 1)
        rounds[index].answer = (code, UInt32(clamping: microseconds))
        if rounds.allSatisfy({ $0.answer != nil }) { finish(&effects) }
    }

    private mutating func finish(_ effects: inout [Effect]) {
        isDone = true
        let times = rounds.compactMap { $0.answer?.microseconds }.sorted()
        guard times.count >= Self.answersMin else {
            effects.append(.done(nil))
            return
        }
        effects.append(
            .done(
                RoundTripMeasurement(
                    challenge: challenge, witness: witness, target: target, shortest: times[0],
                    median: times[(times.count - 1) / 2], log: log)))
    }

    private var log: Digest {
        var writer = ByteWriter(capacity: Self.nonceCount * (Self.nonceSize + Bytes32.count))
        for round in rounds {
            writer.raw(round.nonce)
            writer.bytes32(round.answer?.code ?? .zero)
        }
        return hash.digest(Tags.roundTripLog, writer.bytes)
    }
}
