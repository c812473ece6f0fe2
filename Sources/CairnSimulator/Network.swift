import CairnBase

/// The wires: who can reach whom, how late, and how many times.
///
/// A message is dropped at the sender's side (loss, partition, full uplink queue) or arrives after its own delay, once
/// or twice. Clogs hold messages back rather than dropping them. Every chance is a function of the seed and of the message's
/// name (`MessageNames`).
struct Network {
    /// A send that would wait longer than this for the uplink is dropped: the queue of the interface is full.
    static let uplinkBacklogLimit = TimeSpan.seconds(2)

    private struct Split {
        let fault: Fault
        let members: [Bool]
        let isOneWay: Bool
    }

    private let options: SwarmOptions
    private let seed: UInt64
    /// Which region a process is in.
    private let regions: [Int]
    private var names: MessageNames
    private var uplinkFree: [Instant]
    private var uplinkBitsPerSecond: [UInt64]
    private var clogIn: [Instant]
    private var clogOut: [Instant]
    private var splits: [Split] = []
    private(set) var dropped: UInt64 = 0

    init(options: SwarmOptions, random: SeededRandom) {
        let count = options.cluster.count
        self.options = options
        var stream = random.fork("network")
        seed = stream.next()
        // Regions go round from a drawn start, so that a small cluster is spread and a process keeps its region.
        let start = Int(stream.below(UInt64(LatencyModel.regionCount)))
        regions = (0..<count).map { (start + $0) % LatencyModel.regionCount }
        names = MessageNames(processes: count)
        uplinkFree = Array(repeating: .origin, count: count)
        uplinkBitsPerSecond = Array(repeating: options.uplinkBitsPerSecond, count: count)
        clogIn = Array(repeating: .origin, count: count)
        clogOut = Array(repeating: .origin, count: count)
    }

    /// What a message takes between two processes in regions, before any jitter.
    func baseDelay(from: Int, to: Int) -> TimeSpan {
        guard from != to else { return .zero }
        return TimeSpan(
            nanoseconds: LatencyModel.regionDelays[regions[from] * LatencyModel.regionCount + regions[to]])
    }

    struct Arrivals {
        var first: Instant?
        var second: Instant?
    }

    mutating func route(
        from: ProcessID, to: ProcessID, digest: UInt64, bytes: Int, at now: Instant, faults: inout FaultInjector
    ) -> Arrivals {
        if from == to { return Arrivals(first: now + .microseconds(10)) }
        let link = UInt64(from.index) << 32 | UInt64(to.index)
        let number = names.name(link: link, digest: digest)
        guard let departure = depart(from, bytes: bytes, at: now), !isSplit(from, to) else {
            dropped += 1
            return Arrivals()
        }
        if faults.strikes(.lost, from, to, number: number, ppm: options.lossPPM, at: now, "\(from) → \(to)") {
            dropped += 1
            return Arrivals()
        }
        var stream = SeededRandom(seed: SeededRandom.mixed(seed ^ link << 16 ^ number))
        var arrivals = Arrivals(first: held(from, to, departure + delay(from, to, using: &stream)))
        if faults.strikes(.reordered, from, to, number: number, ppm: options.reorderPPM, at: now, "\(from) → \(to)") {
            arrivals.first = arrivals.first.map {
                $0 + TimeSpan(nanoseconds: stream.below(options.reorderLimit.nanoseconds))
            }
        }
        let isRepeated = faults.strikes(
            .duplicated, from, to, number: number, ppm: options.duplicatePPM, at: now, "\(from) → \(to)")
        if isRepeated {
            let late = delay(from, to, using: &stream) + TimeSpan(nanoseconds: stream.below(3_000_000_000))
            arrivals.second = held(from, to, departure + late)
        }
        return arrivals
    }

    private mutating func depart(_ from: ProcessID, bytes: Int, at now: Instant) -> Instant? {
        let rate = uplinkBitsPerSecond[from.index]
        guard rate > 0 else { return now }
        let start = max(now, uplinkFree[from.index])
        guard start.since(now) <= Self.uplinkBacklogLimit else { return nil }
        let end = start + TimeSpan(nanoseconds: UInt64(max(0, bytes)) * 8_000_000_000 / rate)
        uplinkFree[from.index] = end
        return end
    }

    private func delay(_ from: ProcessID, _ to: ProcessID, using stream: inout SeededRandom) -> TimeSpan {
        switch options.latency {
        case .uniform(let range):
            return TimeSpan(nanoseconds: range.lowerBound + stream.below(range.upperBound - range.lowerBound + 1))
        case .regions(let jitterPPM):
            let base = LatencyModel.regionDelays[
                regions[from.index] * LatencyModel.regionCount + regions[to.index]]
            // The square of an even draw: most messages are hardly late.
            let even = stream.next() >> 32
            let skewed = (even * even) >> 32
            let span = base / 1_000 * jitterPPM / 1_000
            return TimeSpan(nanoseconds: base + span.multipliedFullWidth(by: skewed << 32).high)
        }
    }

    private func held(_ from: ProcessID, _ to: ProcessID, _ arrival: Instant) -> Instant {
        // The margin keeps held messages in the order of their delays when the clog opens.
        let open = max(clogOut[from.index], clogIn[to.index])
        return arrival > open ? arrival : open + TimeSpan(nanoseconds: arrival.nanoseconds % 1_000_000)
    }

    private func isSplit(_ from: ProcessID, _ to: ProcessID) -> Bool {
        for split in splits {
            let leaves = split.members[from.index] && !split.members[to.index]
            let enters = !split.members[from.index] && split.members[to.index]
            if leaves || (enters && !split.isOneWay) { return true }
        }
        return false
    }

    // MARK: - Planned faults

    mutating func split(_ fault: Fault, members: [ProcessID], isOneWay: Bool) {
        var flags = [Bool](repeating: false, count: clogIn.count)
        for member in members { flags[member.index] = true }
        splits.append(Split(fault: fault, members: flags, isOneWay: isOneWay))
    }

    mutating func mend(_ fault: Fault) {
        splits.removeAll { $0.fault == fault }
    }

    mutating func clogIncoming(_ process: ProcessID, until end: Instant) {
        clogIn[process.index] = max(clogIn[process.index], end)
    }

    mutating func clogOutgoing(_ process: ProcessID, until end: Instant) {
        clogOut[process.index] = max(clogOut[process.index], end)
    }

    mutating func limitUplink(_ process: ProcessID, bitsPerSecond: UInt64?) {
        uplinkBitsPerSecond[process.index] = bitsPerSecond ?? options.uplinkBitsPerSecond
    }

    /// Everything planned ends; delays and uplinks stay as the options have them.
    mutating func heal() {
        splits = []
        for index in clogIn.indices {
            clogIn[index] = .origin
            clogOut[index] = .origin
            uplinkBitsPerSecond[index] = options.uplinkBitsPerSecond
            uplinkFree[index] = .origin
        }
    }
}
