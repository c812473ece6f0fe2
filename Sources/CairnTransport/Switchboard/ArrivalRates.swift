internal import CairnBase

/// How many arrivals per second are looked at, from one address and from all together.
///
/// Buckets hold one second's worth. A bounded number of addresses is told apart; when there are more, those that have
/// not come for longest are forgotten, which gives them no more than a full bucket.
struct ArrivalRates: Sendable {
    static let addresses = 1_024

    private struct Bucket: Sendable {
        /// In billionths of an arrival, so that a nanosecond earns a whole number.
        var tokens: UInt64
        var at: Instant

        mutating func take(rate: Int, at now: Instant) -> Bool {
            let rate = UInt64(clamping: rate)
            let full = (TimeSpan.seconds(1) * rate).nanoseconds
            let earned = (now.since(at) * rate).nanoseconds
            let (sum, overflow) = tokens.addingReportingOverflow(earned)
            tokens = overflow ? full : min(full, sum)
            at = max(at, now)
            guard tokens >= TimeSpan.seconds(1).nanoseconds else { return false }
            tokens -= TimeSpan.seconds(1).nanoseconds
            return true
        }

        static func full(rate: Int, at now: Instant) -> Bucket {
            Bucket(tokens: (TimeSpan.seconds(1) * UInt64(clamping: rate)).nanoseconds, at: now)
        }
    }

    private let limits: Limits.Connections
    private var everybody: Bucket
    private var sources = OrderedMap<IPAddress, Bucket>()

    init(limits: Limits.Connections) {
        self.limits = limits
        everybody = .full(rate: limits.handshakesPerSecond, at: .origin)
    }

    /// Whether one more may come from this address; asks the address first, so that one source cannot use up what all
    /// share.
    mutating func admit(_ address: IPAddress, at now: Instant) -> Switchboard.Refusal? {
        let rate = limits.handshakesPerSecondPerAddress
        var bucket = sources[address] ?? .full(rate: rate, at: now)
        let isAdmitted = bucket.take(rate: rate, at: now)
        if sources[address] == nil, sources.count >= Self.addresses { forgetSomebody() }
        sources[address] = bucket
        guard isAdmitted else { return .addressRate }
        return everybody.take(rate: limits.handshakesPerSecond, at: now) ? nil : .rate
    }

    private mutating func forgetSomebody() {
        let oldest = sources.min { ($0.value.at, $0.key) < ($1.value.at, $1.key) }
        if let oldest { sources[oldest.key] = nil }
    }
}
