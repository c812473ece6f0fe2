public import CairnBase

/// One run of one cluster from one seed, on one thread, in virtual time.
///
/// The loop takes the earliest happening, lets the process it concerns handle it, shows the step to the judge and
/// carries the effects out on the simulated network, disks and clocks. Nothing in here asks the real machine for
/// anything, so a seed decides everything, and `Report.trace` proves it.
///
/// A run has two phases. In the safety phase faults strike; the judge may complain after any event. Then faults cease, a
/// core of servers is healed and restarted, the others may stay dead, and the core must converge within a bound.
public struct Simulation<Model: SimulatedProtocol> {
    public typealias Process = Model.Process
    typealias Message = Process.Message

    enum Happening: Sendable {
        case boot(ProcessID, incarnation: UInt32)
        case message(from: ProcessID, to: ProcessID, Message, digest: UInt64)
        case timer(ProcessID, incarnation: UInt32, TimerID, target: Instant)
        case disk(ProcessID, incarnation: UInt32, Disk.Answer)
        /// A busy process is free again and turns to its inbox.
        case wake(ProcessID, incarnation: UInt32)
        case faultStart(Int)
        case faultEnd(Int)
    }

    /// Messages beyond this many waiting for a busy process are dropped, as a full socket buffer would.
    static var inboxLimit: Int { 65_536 }
    /// A cluster that has more than this under way has run away.
    static var pendingLimit: Int { 20_000_000 }

    let seed: UInt64
    let options: SwarmOptions
    let model: Model
    let root: SeededRandom
    var plan: FaultPlan
    let logsLast: Int
    var scheduler = Scheduler<Happening>()
    var network: Network
    var faults: FaultInjector
    public internal(set) var judge: Model.Judge
    public internal(set) var hosts: [Host<Process>] = []
    var effects: [Process.Effect] = []
    var report: Report
    public internal(set) var now = Instant.origin
    private var isBegun = false

    /// - Parameters:
    ///   - selection: which faults may strike; a shrinker's or a replay's choice.
    ///   - recordsFaults: keeps every injected fault for the report.
    ///   - logsLast: how many of the last events to keep as text.
    ///   - given: a cluster made elsewhere, in place of one drawn from the seed.
    public init(
        _: Model.Type = Model.self, seed: UInt64, options: SwarmOptions, plantedBug: String? = nil,
        selection: FaultSelection = .all, recordsFaults: Bool = false, logsLast: Int = 0, model given: Model? = nil
    ) {
        let root = SeededRandom(seed: seed).fork("run")
        self.seed = seed
        self.options = options
        self.root = root
        self.logsLast = logsLast
        model = given ?? Model(cluster: options.cluster, plantedBug: plantedBug, random: root.fork("model"))
        plan = FaultPlan(options: options, random: root)
        network = Network(options: options, random: root)
        faults = FaultInjector(random: root, selection: selection, records: recordsFaults)
        judge = model.makeJudge()
        report = Report(protocolName: Model.name, seed: seed, options: options)
        hosts = options.processes.map { id in
            Host(id: id, clock: Self.clock(of: id, incarnation: 0, at: .origin, options, root), disk: Disk(id: id))
        }
    }

    /// Both phases, from wherever the run stands; the report is final.
    public mutating func run() -> Report {
        advance(to: .origin + options.safety)
        if report.violation == nil, options.livenessBound > .zero { converge() }
        if report.violation == nil { violate(judge.finish(hosts)) }
        for index in hosts.indices { harvest(index) }
        report.simulated = now.since(.origin)
        report.faultCounts = zip(FaultKind.allCases, faults.counts).map { FaultCount(kind: $0, count: $1) }
        report.injected = faults.log
        report.boundaries = hosts.prefix(options.cluster.servers).map(\.boundaries)
        return report
    }

    /// Boots everything and schedules the plan, once.
    private mutating func begin() {
        guard !isBegun else { return }
        isBegun = true
        for host in hosts { scheduler.schedule(.boot(host.id, incarnation: 0), at: .origin) }
        for (index, entry) in plan.entries.enumerated() where faults.allows(entry.fault) {
            scheduler.schedule(.faultStart(index), at: entry.start)
        }
    }

    /// Carries out everything up to `end`, or up to the first violation. Scripts stop in between to look or to act.
    public mutating func advance(to end: Instant) {
        begin()
        while report.violation == nil, let next = scheduler.next(notAfter: end) {
            now = next.time
            report.events += 1
            guard report.events <= options.eventLimit, scheduler.count <= Self.pendingLimit else {
                violate(Violation(Violation.eventLimit, "\(report.events) events, \(scheduler.count) pending"))
                return
            }
            dispatch(next.payload)
        }
        if report.violation == nil { now = max(now, end) }
    }

    private mutating func converge() {
        guard heal() else { return }
        let healedAt = now
        let end = healedAt + options.livenessBound
        while report.violation == nil {
            if judge.hasConverged(hosts) {
                report.convergedAfter = now.since(healedAt)
                return
            }
            guard now < end else {
                let lacking = judge.lacking(hosts)
                violate(
                    Violation(
                        Violation.noConvergence,
                        "not within \(options.livenessBound.short) after the healing"
                            + (lacking.isEmpty ? "" : ": \(lacking)")))
                return
            }
            advance(to: min(end, now + .milliseconds(50)))
        }
    }

    mutating func violate(_ violation: Violation?) {
        guard let violation, report.violation == nil else { return }
        report.violation = violation
        report.violatedAt = now
    }

    // MARK: - Happenings

    private mutating func dispatch(_ happening: Happening) {
        switch happening {
        case .message(let from, let to, let message, let digest):
            trace(2, to, UInt64(from.index))
            report.trace.absorb(digest)
            guard hosts[to.index].isUp else { return }
            offer(.message(from: from, message), to: to)
        case .timer(let id, let incarnation, let timer, _):
            trace(3, id, timer)
            guard hosts[id.index].incarnation == incarnation else { return }
            offer(.timer(timer), to: id)
        case .disk(let id, let incarnation, let answer):
            trace(4, id, answer.token)
            finishDisk(id, incarnation: incarnation, answer)
        case .wake(let id, let incarnation):
            trace(5, id, 0)
            guard hosts[id.index].incarnation == incarnation else { return }
            drainInbox(id)
        case .boot(let id, let incarnation):
            trace(6, id, UInt64(incarnation))
            guard hosts[id.index].incarnation == incarnation else { return }
            boot(id)
        case .faultStart(let index):
            begin(plan.entries[index], index: index)
        case .faultEnd(let index):
            trace(8, plan.entries[index].fault)
            end(plan.entries[index])
        }
    }

    private mutating func trace(_ kind: UInt64, _ id: ProcessID, _ word: UInt64) {
        report.trace.absorb(now.nanoseconds)
        report.trace.absorb(kind << 56 ^ UInt64(id.index) << 32 ^ word)
    }

    mutating func trace(_ kind: UInt64, _ fault: Fault) {
        trace(kind, ProcessID(Int(fault.process)), fault.number ^ UInt64(fault.kind.rawValue) << 40)
    }

    /// Hands an event over now, or queues it while the process is busy.
    mutating func offer(_ event: Process.Event, to id: ProcessID) {
        if hosts[id.index].busyUntil <= now, hosts[id.index].inbox.isEmpty {
            deliver(event, to: id)
            return
        }
        if case .message = event, hosts[id.index].inbox.count >= Self.inboxLimit { return }
        if hosts[id.index].inbox.isEmpty { scheduleWake(id) }
        hosts[id.index].inbox.append(event)
    }

    private mutating func scheduleWake(_ id: ProcessID) {
        let incarnation = hosts[id.index].incarnation
        scheduler.schedule(.wake(id, incarnation: incarnation), at: max(now, hosts[id.index].busyUntil))
    }

    private mutating func drainInbox(_ id: ProcessID) {
        while report.violation == nil, hosts[id.index].isUp {
            if hosts[id.index].busyUntil > now {
                if !hosts[id.index].inbox.isEmpty { scheduleWake(id) }
                return
            }
            guard let event = hosts[id.index].inbox.popFirst() else { return }
            deliver(event, to: id)
        }
    }

    mutating func deliver(_ event: Process.Event, to id: ProcessID) {
        // The buffer is moved out and back, so that carrying effects out may use `self` and nothing is allocated.
        var batch: [Process.Effect] = []
        swap(&batch, &effects)
        let reading = hosts[id.index].clock.reading(at: now)
        hosts[id.index].process?.handle(event, at: reading, into: &batch)
        if logsLast > 0 { log(event, of: id, batch) }
        violate(judge.observe(Step(now: now, process: id, event: event, effects: batch), hosts: hosts))
        perform(batch, of: id)
        batch.removeAll(keepingCapacity: true)
        swap(&batch, &effects)
    }

    private mutating func log(_ event: Process.Event, of id: ProcessID, _ effects: [Process.Effect]) {
        if report.log.count >= 2 * logsLast { report.log.removeFirst(report.log.count - logsLast) }
        let time = "\(now.nanoseconds / 1_000_000).\(String(1_000 + now.nanoseconds / 1_000 % 1_000).dropFirst())"
        let what = effects.isEmpty ? "" : " → " + effects.map(\.description).joined(separator: ", ")
        report.log.append("\(time) ms \(id) \(event)\(what)")
    }
}
