import CairnBase

/// How near others are, by the way of a message and by their clocks.
struct NearnessMetrics: Sendable {
    let roundTrip: MetricFamily<Gauge>
    let clockOffset: Gauge

    init(_ registry: MetricsRegistry) {
        roundTrip = registry.gauges(
            "cairn_p2p_rtt_microseconds", "Round trips to peers that answer: the middle one and the longest.",
            labels: ["of"])
        clockOffset = registry.gauge(
            "cairn_clock_offset_milliseconds",
            "How far others' clocks are ahead of ours, where three peers or more and the newest blocks agree; else 0.")
    }

    func collect(_ trips: [TimeSpan], _ clock: ClockOffset) {
        if let middle = trips.middle, let longest = trips.max() {
            roundTrip["median"].set(Int64(clamping: middle.nanoseconds / 1_000))
            roundTrip["longest"].set(Int64(clamping: longest.nanoseconds / 1_000))
        }
        clockOffset.set(clock.agreed ?? 0)
    }
}
