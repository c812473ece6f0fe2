public import CairnBase
public import CairnWitness

/// The air between radios, as a value: who sends when decides who hears what, how strong, and over which noise.
///
/// A radio cannot hear while it sends. Of two frames on one channel with one spreading factor the stronger is received if
/// it is 6 dB stronger. Everything follows from the seed.
public struct Air: ProtocolCore {
    public enum Input: Sendable {
        /// A station sends at once.
        case send(SendRequest, by: Int)
        /// A timer of an effect fired.
        case ended(frame: UInt64)
    }

    public enum Effect: Sendable, Equatable {
        /// Tell of the end of a frame at this time.
        case wake(frame: UInt64, at: Instant)
        /// A station received a frame.
        case received(Reception, by: Int)
        /// A station sends already.
        case busy(Int)
    }

    private struct Frame: Sendable {
        let request: SendRequest
        let sender: Int
        let begin: Instant
        let end: Instant
        /// The frames that were on the air with it.
        var others: [UInt64]
    }

    public private(set) var stations: [Station]
    private let rules: AirRules
    private let strength: Strength
    private var frames = OrderedMap<UInt64, Frame>()
    /// Frames that are over and still explain why others were not heard.
    private var next: UInt64 = 0
    /// Why frames were not heard, over all receivers.
    public private(set) var missed = Missed()

    public struct Missed: Sendable, Equatable {
        public var tooWeak: UInt64 = 0
        public var whileSending: UInt64 = 0
        public var overlaid: UInt64 = 0
    }

    /// How long a frame that is over is remembered: longer than the longest lasts.
    private static let memory = TimeSpan.seconds(4)
    private static let captureAt: Int64 = 600

    public init(_ stations: [Station], rules: AirRules = AirRules(), seed: UInt64) {
        self.stations = stations
        self.rules = rules
        strength = Strength(rules: rules, random: SeededRandom(seed: seed))
    }

    /// Puts other radios in the place of those that are there: as many, known by the same numbers.
    public mutating func replace(with stations: [Station]) {
        guard stations.map(\.eui) == self.stations.map(\.eui) else { return }
        self.stations = stations
    }

    public mutating func handle(_ input: Input, at now: Instant, into effects: inout [Effect]) {
        switch input {
        case .send(let request, let sender): send(request, sender, now, &effects)
        case .ended(let number): end(number, now, &effects)
        }
    }

    private mutating func send(_ request: SendRequest, _ sender: Int, _ now: Instant, _ effects: inout [Effect]) {
        guard stations.indices.contains(sender) else { return }
        forget(before: now)
        let onAir = frames.filter { $0.value.end > now }
        guard !onAir.contains(where: { $0.value.sender == sender }) else { return effects.append(.busy(sender)) }
        let end = now + Airtime.of(payload: request.payload.count, spreading: request.spreading)
        for (number, _) in onAir { frames[number]?.others.append(next) }
        frames[next] = Frame(request: request, sender: sender, begin: now, end: end, others: onAir.map(\.key))
        effects.append(.wake(frame: next, at: end))
        next += 1
    }

    private mutating func forget(before now: Instant) {
        while let (number, frame) = frames.first, frame.end + Self.memory < now { frames.removeValue(forKey: number) }
    }

    private mutating func end(_ number: UInt64, _ now: Instant, _ effects: inout [Effect]) {
        guard let frame = frames[number] else { return }
        for receiver in stations.indices where receiver != frame.sender {
            if let reception = reception(of: frame, number, at: receiver) {
                effects.append(.received(reception, by: receiver))
            }
        }
    }

    private mutating func reception(of frame: Frame, _ number: UInt64, at receiver: Int) -> Reception? {
        let others = frame.others.compactMap { other in frames[other].map { (other, $0) } }
        guard !others.contains(where: { $0.1.sender == receiver }) else {
            missed.whileSending += 1
            return nil
        }
        let limit = Self.limit(frame.request.spreading)
        let most = strength.most(
            stations[receiver], from: stations[frame.sender], power: 100 * Int64(frame.request.power),
            hertz: frame.request.frequency)
        guard most - rules.noise >= limit else {
            missed.tooWeak += 1
            return nil
        }
        let signal = signal(of: frame, number, at: receiver)
        let ratio = min(signal - rules.noise, Self.ratioMax)
        guard ratio >= limit else {
            missed.tooWeak += 1
            return nil
        }
        for (other, competitor) in others
        where competitor.request.frequency == frame.request.frequency
            && competitor.request.spreading == frame.request.spreading
            && self.signal(of: competitor, other, at: receiver) > signal - Self.captureAt
        {
            missed.overlaid += 1
            return nil
        }
        let total = Strength.sum(signal, rules.noise)
        return Reception(
            payload: frame.request.payload, frequency: frame.request.frequency, spreading: frame.request.spreading,
            bandwidth: frame.request.bandwidth, strength: Int16(clamping: total / 10),
            signalStrength: nil, signalToNoise: Int16(clamping: ratio / 10), counter: counter(receiver, frame.end),
            fineTime: nil)
    }

    private func signal(of frame: Frame, _ number: UInt64, at receiver: Int) -> Int64 {
        strength.at(
            stations[receiver], from: stations[frame.sender], power: 100 * Int64(frame.request.power),
            hertz: frame.request.frequency, frame: number)
    }

    /// The receiver's microseconds, by its own crystal, which is wrong by up to 2 ppm.
    private func counter(_ receiver: Int, _ time: Instant) -> UInt32 {
        let microseconds = time.since(.origin).nanoseconds / 1_000
        let drift = Int64(microseconds / 1_000_000) * (Int64(stations[receiver].eui % 5) - 2)
        return UInt32(truncatingIfNeeded: Int64(truncatingIfNeeded: microseconds) &+ drift)
    }

    /// Receivers report no more than this, in hundredths of a decibel.
    private static let ratioMax: Int64 = 1_300

    /// What a receiver can still tell from noise, in hundredths of a decibel.
    private static func limit(_ spreading: UInt8) -> Int64 { -750 - 250 * (Int64(min(max(spreading, 7), 12)) - 7) }
}
