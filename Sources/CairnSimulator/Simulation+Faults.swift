import CairnBase

/// Crashes, planned faults, and the healing.
extension Simulation {
    /// Whether the process dies at this place between two effects. Every place has a number.
    mutating func crashes(_ id: ProcessID) -> Bool {
        guard options.cluster.isServer(id), hosts[id.index].isUp else { return false }
        let number = hosts[id.index].boundaries
        hosts[id.index].boundaries += 1
        if faults.strikes(
            .powerLossAtBoundary, id, number: number, ppm: options.powerLossAtBoundaryPPM, at: now,
            "\(id) between effects")
        {
            losePower(Fault(.powerLossAtBoundary, process: id, number: number))
            return true
        }
        if faults.strikes(
            .killAtBoundary, id, number: number, ppm: options.killAtBoundaryPPM, at: now, "\(id) between effects")
        {
            stop(id, restartAfter: outage(of: Fault(.killAtBoundary, process: id, number: number)))
            return true
        }
        return false
    }

    /// Ends an incarnation: its memory is gone, its timers and answers are void, its disk stays.
    mutating func stop(_ id: ProcessID, restartAfter delay: TimeSpan?) {
        guard hosts[id.index].isUp else { return }
        harvest(id.index)
        hosts[id.index].process = nil
        hosts[id.index].isUp = false
        hosts[id.index].incarnation += 1
        hosts[id.index].stops += 1
        hosts[id.index].inbox.removeAll()
        hosts[id.index].busyUntil = .origin
        judge.stopped(id, at: now)
        if let delay { scheduleBoot(id, at: now + delay) }
    }

    private mutating func losePower(_ fault: Fault) {
        let id = ProcessID(Int(fault.process))
        var random = faults.stream(for: fault)
        stop(id, restartAfter: random.span(.milliseconds(1), options.outageLimit))
        // Tearing has its own name, so that a shrinker can ask whether it matters.
        let tear = Fault(.tornSector, process: id, number: UInt64(hosts[id.index].disk.epoch))
        let mayTear = faults.allows(tear)
        let torn = hosts[id.index].disk.losePower(options: options, using: &random, mayTear: mayTear)
        if torn > 0 { faults.strike(tear, at: now, "\(torn) sectors of \(id)") }
    }

    private func outage(of fault: Fault) -> TimeSpan {
        var random = faults.stream(for: fault)
        return random.span(.milliseconds(1), options.outageLimit)
    }

    private mutating func scheduleBoot(_ id: ProcessID, at time: Instant) {
        scheduler.schedule(.boot(id, incarnation: hosts[id.index].incarnation), at: time)
    }

    mutating func boot(_ id: ProcessID) {
        let host = hosts[id.index]
        guard !host.isUp, host.haltedForGood == nil, !host.isFrozen else { return }
        let random = root.fork("process", UInt64(id.index)).fork("boot", UInt64(host.incarnation))
        let points =
            options.firesPoints
            ? FaultPoints(seed: seed, stream: random.fork("points"), only: faults.allowedPoints)
            : FaultPoints(seed: seed, stream: random.fork("points"), only: [])
        hosts[id.index].clock = Self.clock(of: id, incarnation: host.incarnation, at: now, options, root)
        hosts[id.index].process = model.boot(
            ProcessSetup(
                id: id, cluster: options.cluster, incarnation: host.incarnation, random: random.fork("core"),
                faultPoints: points))
        hosts[id.index].isUp = true
        deliver(.started(host.disk.image), to: id)
    }

    static func clock(
        of id: ProcessID, incarnation: UInt32, at now: Instant, _ options: SwarmOptions, _ root: SeededRandom
    ) -> LocalClock {
        // The rate belongs to the machine, the origin to the boot.
        var machine = root.fork("clock", UInt64(id.index))
        let limit = options.clockDriftLimitPPM
        let drift = Int64(machine.below(2 * limit + 1)) - Int64(limit)
        let offsetLimit = options.unixOffsetLimit.milliseconds
        let offset = Int64(machine.below(2 * offsetLimit + 1)) - Int64(offsetLimit)
        var booted = machine.fork("boot", UInt64(incarnation))
        let origin = Instant(nanoseconds: booted.below(1 << 50))
        return LocalClock(bootedAt: now, origin: origin, driftPPM: drift, unixOffsetMilliseconds: offset)
    }

    /// Counts what the fault points of an incarnation that ends have seen.
    mutating func harvest(_ index: Int) {
        guard let points = hosts[index].process?.faultPoints else { return }
        report.notes.add(points)
        for point in points.counts where point.firings > 0 {
            let identity = FaultPoints.identity(of: point.name)
            faults.strike(Fault(.point, process: ProcessID(0), number: identity), at: now, point.name)
        }
    }

    // MARK: - Planned faults

    /// Only what strikes leaves a trace, so that a replay with the recorded faults alone has the same one.
    private mutating func strike(_ fault: Fault, _ detail: @autoclosure () -> String) {
        trace(7, fault)
        faults.strike(fault, at: now, detail())
    }

    mutating func begin(_ entry: FaultPlan.Entry, index: Int) {
        guard faults.isActive else { return }
        let id = ProcessID(Int(entry.fault.process))
        let length = "for \(entry.end.since(entry.start).short)"
        switch entry.action {
        case .kill:
            guard hosts[id.index].isUp else { return }
            strike(entry.fault, "\(id) down \(length)")
            stop(id, restartAfter: entry.end.since(entry.start))
        case .powerLoss:
            strike(entry.fault, "\(id) loses power")
            losePower(entry.fault)
        case .pause:
            guard hosts[id.index].isUp else { return }
            strike(entry.fault, "\(id) stands still \(length)")
            hosts[id.index].busyUntil = max(hosts[id.index].busyUntil, entry.end)
        case .partition(let members, let isOneWay):
            let names = members.map(\.description).joined(separator: ",")
            strike(entry.fault, "{\(names)} \(isOneWay ? "cannot reach" : "cut from") the rest \(length)")
            network.split(entry.fault, members: members, isOneWay: isOneWay)
            scheduler.schedule(.faultEnd(index), at: entry.end)
        case .clogIn:
            strike(entry.fault, "to \(id) \(length)")
            network.clogIncoming(id, until: entry.end)
        case .clogOut:
            strike(entry.fault, "from \(id) \(length)")
            network.clogOutgoing(id, until: entry.end)
        case .throttle(let rate):
            strike(entry.fault, "\(id) sends \(rate / 1_000) kbit/s \(length)")
            network.limitUplink(id, bitsPerSecond: rate)
            scheduler.schedule(.faultEnd(index), at: entry.end)
        case .fullSpell:
            strike(entry.fault, "disk of \(id) full \(length)")
            hosts[id.index].disk.fullUntil = entry.end
        case .errorSpell:
            strike(entry.fault, "syncs of \(id) fail \(length)")
            hosts[id.index].disk.failingUntil = entry.end
        case .bitRot:
            rot(entry.fault)
        case .clockLeap(let span):
            strike(entry.fault, "\(id) by \(span.short)")
            leapClock(id, by: span)
        case .clockStep(let milliseconds):
            strike(entry.fault, "\(id) by \(milliseconds) ms")
            hosts[id.index].clock.stepUnix(byMilliseconds: milliseconds)
        }
    }

    mutating func end(_ entry: FaultPlan.Entry) {
        switch entry.action {
        case .partition: network.mend(entry.fault)
        case .throttle: network.limitUplink(ProcessID(Int(entry.fault.process)), bitsPerSecond: nil)
        default: break
        }
    }

    private mutating func rot(_ fault: Fault) {
        let id = ProcessID(Int(fault.process))
        if let files = model.mendableFiles(of: id, hosts) {
            var random = faults.stream(for: fault)
            guard let file = hosts[id.index].disk.rot(files, using: &random) else { return }
            return strike(fault, "\(file) of \(id)")
        }
        let damaged = hosts.count { $0.disk.isDamaged || $0.haltedForGood != nil }
        guard hosts[id.index].disk.isDamaged || damaged < model.damagedDisksLimit else { return }
        var random = faults.stream(for: fault)
        guard let file = hosts[id.index].disk.rot(using: &random) else { return }
        strike(fault, "\(file) of \(id)")
    }

    /// Timers that the leap made due fire now.
    private mutating func leapClock(_ id: ProcessID, by span: TimeSpan) {
        hosts[id.index].clock.leap(span, at: now)
        let host = hosts[id.index]
        let time = now
        scheduler.reschedule { happening in
            guard case .timer(id, host.incarnation, _, let target) = happening else { return nil }
            return host.clock.trueTime(of: target, now: time)
        }
    }

    // MARK: - Healing

    /// Ends all faults, chooses a core and brings it up. False when the protocol promises nothing any more.
    mutating func heal() -> Bool {
        faults.isActive = false
        network.heal()
        var random = root.fork("core")
        let servers = hosts.prefix(options.cluster.servers)
        let candidates = servers.filter { $0.haltedForGood == nil && !$0.disk.isDamaged }.map(\.id)
        guard let core = model.chooseCore(from: candidates, using: &random) else { return false }
        let othersStayDead = random.flip()
        for server in servers.map(\.id) {
            hosts[server.index].disk.fullUntil = now
            hosts[server.index].disk.failingUntil = now
            hosts[server.index].busyUntil = min(hosts[server.index].busyUntil, now)
            if !core.contains(server), othersStayDead {
                hosts[server.index].isFrozen = true
                stop(server, restartAfter: nil)
            } else if !hosts[server.index].isUp {
                boot(server)
            }
        }
        judge.healed(core: core, at: now)
        return true
    }
}
