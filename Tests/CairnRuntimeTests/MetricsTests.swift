import CairnBase
import Testing

@testable import CairnRuntime

@Suite struct MetricsTests {
    @Test func `prints the text format`() {
        let registry = MetricsRegistry()
        let turns = registry.counter("cairn_loop_turns_total", "Turns of the event loop.")
        let peers = registry.gauge("cairn_p2p_peers", "Peers that answer.")
        let drops = registry.counters("cairn_udp_drops_total", "Datagrams dropped.", labels: ["reason"])
        let took = registry.latency(
            "cairn_turn_seconds", "Time per turn.", bounds: [.microseconds(500), .milliseconds(10), .seconds(1)])
        let sizes = registry.histogram("cairn_block_bytes", "Sizes.", bounds: [100])
        turns.add(41)
        turns.add()
        turns.raise(to: 7)
        peers.set(3)
        peers.add(-5)
        drops["oversize"].add(2)
        drops["a \"b\\\n"].add()
        for span in [1, 500_000, 500_001, 1_500_000_000] { took.observe(TimeSpan(nanoseconds: UInt64(span))) }
        sizes.observe(101)
        #expect(
            registry.text == #"""
                # HELP cairn_loop_turns_total Turns of the event loop.
                # TYPE cairn_loop_turns_total counter
                cairn_loop_turns_total 42
                # HELP cairn_p2p_peers Peers that answer.
                # TYPE cairn_p2p_peers gauge
                cairn_p2p_peers -2
                # HELP cairn_udp_drops_total Datagrams dropped.
                # TYPE cairn_udp_drops_total counter
                cairn_udp_drops_total{reason="a \"b\\\n"} 1
                cairn_udp_drops_total{reason="oversize"} 2
                # HELP cairn_turn_seconds Time per turn.
                # TYPE cairn_turn_seconds histogram
                cairn_turn_seconds_bucket{le="0.0005"} 2
                cairn_turn_seconds_bucket{le="0.01"} 3
                cairn_turn_seconds_bucket{le="1"} 3
                cairn_turn_seconds_bucket{le="+Inf"} 4
                cairn_turn_seconds_sum 1.501000002
                cairn_turn_seconds_count 4
                # HELP cairn_block_bytes Sizes.
                # TYPE cairn_block_bytes histogram
                cairn_block_bytes_bucket{le="100"} 0
                cairn_block_bytes_bucket{le="+Inf"} 1
                cairn_block_bytes_sum 101
                cairn_block_bytes_count 1

                """#)
    }

    @Test func `label sets are capped`() {
        let registry = MetricsRegistry()
        let family = registry.counters("x_total", "X.", labels: ["peer", "way"], limit: 8)
        for number in 0..<1_000 { family["p\(number)", "in"].add() }
        #expect(family.entries.count == 9)
        #expect(family.entries.first { $0.labels == #"peer="other",way="other""# }?.metric.value == 992)
        #expect(family["p3", "in"].value == 1)
    }

    @Test func `a metric is declared once, under a plain name`() async {
        await #expect(processExitsWith: .failure) {
            let registry = MetricsRegistry()
            _ = registry.counter("twice", "")
            _ = registry.gauge("twice", "")
        }
        await #expect(processExitsWith: .failure) { _ = MetricsRegistry().counter("Not-A-Name", "") }
    }

    @Test func `threads count together`() throws {
        let counter = MetricsRegistry().counter("x_total", "X.")
        let threads = try (0..<4).map { _ in try TestThread { for _ in 0..<5_000 { counter.add() } } }
        threads.forEach { $0.join() }
        #expect(counter.value == 20_000)
    }
}
