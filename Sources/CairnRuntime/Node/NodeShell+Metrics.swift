internal import CairnBase

extension NodeShell {
    /// Copies what is counted elsewhere into the metrics, when they are read.
    func collectMetrics() {
        collectPeerMetrics()
        if let bans { metrics.collect(bans) }
        collectStorageMetrics()
        metrics.turns.raise(to: loop.turns)
        if let chain {
            metrics.chain.collect(chain)
            metrics.unserved["history"].raise(to: chain.served.refused)
        }
        collectInterfaceMetrics()
        let usage = ProcessUsage()
        metrics.processor.raise(to: usage.cpuMilliseconds)
        metrics.memory.set(usage.residentBytes)
        metrics.uptime.set(Int64(clamping: loop.now.since(started.at).nanoseconds / 1_000_000_000))
        if let mesh { metrics.collect(mesh) }
    }

    private func collectInterfaceMetrics() {
        metrics.turnedAway.raise(to: servers.reduce(0) { $0 + $1.counters.turnedAway })
        metrics.listeners.set(Int64(events.listenerCount))
        metrics.events["sent"].raise(to: events.counters.sent)
        metrics.events["overflow"].raise(to: events.counters.overflowed)
        metrics.events["refused"].raise(to: events.counters.refused)
        metrics.refusedQuestions.raise(to: desk?.refused ?? 0)
    }
}
