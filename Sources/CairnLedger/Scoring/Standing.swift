import CairnBase
public import CairnWire

/// A resource's track record: passes and failures, each fading by a factor as new ones come.
///
/// It starts as if a thousand passes (a hundred on the testnet) had gone before, so that one early failure is one failure
/// and not a verdict on a life.
public struct Standing: Record {
    public private(set) var passes: UInt64
    public private(set) var failures: UInt64

    /// With so many passes, in parts per million of one.
    public init(start: UInt64) {
        passes = start
        failures = 0
    }

    /// Counts one verdict. `fading` is what remains of the past, in parts per million.
    public mutating func record(passed: Bool, fading: UInt64) {
        passes = faded(passes, fading) + (passed ? .millionPPM : 0)
        failures = faded(failures, fading) + (passed ? 0 : .millionPPM)
    }

    /// Both counts stay below 10^6 ÷ (1 − fading), far from any limit, for every fading that the rules allow.
    private func faded(_ count: UInt64, _ fading: UInt64) -> UInt64 {
        count.ppm(min(fading, .millionPPM - 1)) ?? 0
    }

    /// The share of passes, in parts per million.
    public var score: UInt64 { passes.times(.millionPPM, over: passes + failures) ?? 0 }
}

extension Standing: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        passes = try reader.u64()
        failures = try reader.u64()
        guard passes <= Self.countMax, failures <= Self.countMax, passes + failures > 0 else {
            throw .invalid("standing")
        }
    }

    /// More than any fading can reach.
    private static let countMax: UInt64 = 1 << 60

    public func encode(into writer: inout ByteWriter) {
        writer.u64(passes)
        writer.u64(failures)
    }
}
