import CairnBase

extension SwarmOptions {
    /// Draws the options of `seed` for a protocol's profile. The ranges are the documented ones of `docs/simulator.md`.
    public static func draw(seed: UInt64, profile: SwarmProfile, servers: Int? = nil) -> SwarmOptions {
        let root = SeededRandom(seed: seed).fork("options")
        var sizes = root.fork("sizes")
        let count = servers ?? sizes.whole(profile.servers)
        let cluster = Cluster(servers: count, clients: sizes.whole(profile.clients))
        var options = SwarmOptions(
            cluster: cluster, safety: profile.safety, livenessBound: profile.livenessBound)
        var random = root.fork("sectors")
        options.sectorSize = random.below(4) == 0 ? 4096 : 512
        options.drawLatency(root.fork("latency"), limit: profile.latencyLimit)
        let withstands = profile.withstands
        if withstands.contains(.network) { options.drawNetwork(root.fork("network")) }
        if withstands.contains(.partitions) { options.drawPartitions(root.fork("partitions")) }
        options.drawCrashes(root.fork("crashes"), withstands)
        options.drawDisk(root.fork("disk"), withstands)
        if withstands.contains(.clocks) { options.drawClocks(root.fork("clocks")) }
        var points = root.fork("points")
        options.firesPoints = withstands.contains(.points) && points.flip()
        return options
    }

    private mutating func drawLatency(_ stream: SeededRandom, limit: TimeSpan) {
        var random = stream
        if random.flip() {
            latency = .regions(jitterPPM: random.whole(0...500_000))
        } else {
            let least = random.span(.microseconds(200), .milliseconds(40))
            latency = .uniform(least, least + random.span(.zero, limit))
        }
    }

    private mutating func drawNetwork(_ stream: SeededRandom) {
        var random = stream
        if random.flip() { lossPPM = random.whole(0...300_000) }
        if random.flip() { duplicatePPM = random.whole(0...500_000) }
        if random.flip() { reorderPPM = random.whole(0...200_000) }
        reorderLimit = random.span(.milliseconds(10), .seconds(2))
        if random.below(4) == 0 { uplinkBitsPerSecond = random.whole(1_000_000...50_000_000) }
        if random.flip() { clogEvery = random.span(.seconds(2), .seconds(40)) }
        if random.below(4) == 0 { swizzleEvery = random.span(.seconds(2), .seconds(10)) }
        if random.below(4) == 0 { throttleEvery = random.span(.seconds(4), .seconds(40)) }
    }

    private mutating func drawPartitions(_ stream: SeededRandom) {
        var random = stream
        if random.flip() { partitionEvery = random.span(.milliseconds(500), .seconds(10)) }
    }

    private mutating func drawCrashes(_ stream: SeededRandom, _ withstands: FaultClasses) {
        var random = stream
        outageLimit = random.span(.milliseconds(50), .seconds(8))
        if random.flip(), withstands.contains(.kills) {
            killEvery = random.span(.seconds(1), .seconds(40))
            killAtBoundaryPPM = random.whole(0...3_000)
        }
        if random.flip(), withstands.contains(.powerLoss) {
            powerLossEvery = random.span(.seconds(1), .seconds(40))
            powerLossAtBoundaryPPM = random.whole(0...3_000)
        }
        if random.flip(), withstands.isSuperset(of: [.kills, .powerLoss]) {
            blackoutEvery = random.span(.seconds(1), .seconds(10))
        }
        if random.flip(), withstands.contains(.pauses) { pauseEvery = random.span(.seconds(2), .seconds(40)) }
    }

    private mutating func drawDisk(_ stream: SeededRandom, _ withstands: FaultClasses) {
        var random = stream
        let least = random.span(.microseconds(20), .milliseconds(1))
        syncLatency = least...(least + random.span(.zero, .milliseconds(30)))
        if withstands.contains(.powerLoss) { tornSectorPPM = random.whole(0...300_000) }
        if random.flip(), withstands.contains(.diskErrors) {
            writeErrorPPM = random.rate(upTo: 100_000)
            syncErrorPPM = random.rate(upTo: 100_000)
            diskFullPPM = random.rate(upTo: 20_000)
            diskStallPPM = random.whole(0...20_000)
            if random.flip() { fullSpellEvery = random.span(.seconds(4), .seconds(40)) }
            if random.flip() { errorSpellEvery = random.span(.seconds(4), .seconds(40)) }
        }
        if random.flip(), withstands.contains(.bitRot) { bitRotEvery = random.span(.seconds(2), .seconds(40)) }
    }

    private mutating func drawClocks(_ stream: SeededRandom) {
        var random = stream
        if random.flip() { clockDriftLimitPPM = random.whole(0...500) }
        if random.flip() { unixOffsetLimit = random.span(.zero, .seconds(3_600)) }
        if random.below(4) == 0 { clockLeapEvery = random.span(.seconds(4), .seconds(40)) }
        if random.below(4) == 0 { clockStepEvery = random.span(.seconds(4), .seconds(40)) }
    }
}

extension SeededRandom {
    mutating func flip() -> Bool { next() & 1 == 0 }

    mutating func whole(_ range: ClosedRange<UInt64>) -> UInt64 {
        range.lowerBound + below(range.upperBound - range.lowerBound + 1)
    }

    mutating func whole(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + Int(below(UInt64(range.count)))
    }

    /// A rate below a limit, with every order of magnitude as likely as the next.
    mutating func rate(upTo limit: UInt64) -> UInt64 {
        whole(0...limit) >> below(10)
    }

    mutating func span(_ least: TimeSpan, _ most: TimeSpan) -> TimeSpan {
        TimeSpan(nanoseconds: whole(least.nanoseconds...max(least, most).nanoseconds))
    }
}

extension SwarmOptions: CustomStringConvertible {
    /// Only what differs from a calm run, so that a failure's head line can be read.
    public var description: String {
        let calm = SwarmOptions(cluster: cluster, safety: safety, livenessBound: livenessBound)
        var parts = [
            "servers=\(cluster.servers)", "clients=\(cluster.clients)", "safety=\(safety.short)",
            "latency=\(latencyText)",
        ]
        func ppm(_ name: String, _ path: KeyPath<SwarmOptions, UInt64>) {
            if self[keyPath: path] != calm[keyPath: path] { parts.append("\(name)=\(self[keyPath: path])ppm") }
        }
        func span(_ name: String, _ path: KeyPath<SwarmOptions, TimeSpan>) {
            if self[keyPath: path] != calm[keyPath: path] { parts.append("\(name)=\(self[keyPath: path].short)") }
        }
        ppm("loss", \.lossPPM)
        ppm("duplicate", \.duplicatePPM)
        ppm("reorder", \.reorderPPM)
        if uplinkBitsPerSecond > 0 { parts.append("uplink=\(uplinkBitsPerSecond / 1_000)kbit/s") }
        span("partition-every", \.partitionEvery)
        span("clog-every", \.clogEvery)
        span("swizzle-every", \.swizzleEvery)
        span("throttle-every", \.throttleEvery)
        span("kill-every", \.killEvery)
        ppm("kill-at-boundary", \.killAtBoundaryPPM)
        span("power-loss-every", \.powerLossEvery)
        ppm("power-loss-at-boundary", \.powerLossAtBoundaryPPM)
        span("blackout-every", \.blackoutEvery)
        span("pause-every", \.pauseEvery)
        span("outage-limit", \.outageLimit)
        parts.append("sync=\(syncLatency.lowerBound.short)…\(syncLatency.upperBound.short) sector=\(sectorSize)")
        ppm("torn-sector", \.tornSectorPPM)
        ppm("write-error", \.writeErrorPPM)
        ppm("sync-error", \.syncErrorPPM)
        ppm("disk-full", \.diskFullPPM)
        ppm("disk-stall", \.diskStallPPM)
        span("full-spell-every", \.fullSpellEvery)
        span("error-spell-every", \.errorSpellEvery)
        span("bit-rot-every", \.bitRotEvery)
        ppm("clock-drift", \.clockDriftLimitPPM)
        span("unix-offset", \.unixOffsetLimit)
        span("clock-leap-every", \.clockLeapEvery)
        span("clock-step-every", \.clockStepEvery)
        if firesPoints { parts.append("points") }
        return parts.joined(separator: " ")
    }

    private var latencyText: String {
        switch latency {
        case .uniform(let range):
            "\(TimeSpan(nanoseconds: range.lowerBound).short)…\(TimeSpan(nanoseconds: range.upperBound).short)"
        case .regions(let jitterPPM): "regions+\(jitterPPM / 10_000)%"
        }
    }
}

extension TimeSpan {
    /// A length of time in the largest unit that keeps three digits.
    var short: String {
        switch nanoseconds {
        case ..<10_000_000: "\(nanoseconds / 1_000)µs"
        case ..<10_000_000_000: "\(nanoseconds / 1_000_000)ms"
        default: "\(nanoseconds / 1_000_000_000)s"
        }
    }
}
