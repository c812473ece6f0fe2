import CairnBase

/// What processes ask for, carried out.
extension Simulation {
    /// In order; a crash between two effects drops the rest, as it would in a real process.
    mutating func perform(_ batch: [Process.Effect], of id: ProcessID) {
        let incarnation = hosts[id.index].incarnation
        // `compute` moves this on: what follows it happens later.
        var time = now
        for effect in batch {
            switch effect {
            case .send(let to, let message):
                guard !crashes(id) else { return }
                post(message, digest: Self.digest(message), from: id, to: to, at: time)
            case .broadcast(let message):
                let digest = Self.digest(message)
                for index in 0..<options.cluster.servers where index != id.index {
                    guard !crashes(id) else { return }
                    post(message, digest: digest, from: id, to: ProcessID(index), at: time)
                }
            case .setTimer(let timer, let target):
                let due = hosts[id.index].clock.trueTime(of: target, now: now)
                scheduler.schedule(.timer(id, incarnation: incarnation, timer, target: target), at: max(due, time))
            case .disk(let request, let token):
                guard !crashes(id) else { return }
                let (answer, at) = hosts[id.index].disk.accept(
                    request, token: token, at: time, options: options, faults: &faults)
                scheduler.schedule(.disk(id, incarnation: incarnation, answer), at: at)
            case .compute(let span):
                time = time + span
            case .observe:
                break
            case .note(let name, let value):
                report.notes.add(name, value)
            case .halt(let reason):
                halt(id, reason)
                return
            }
        }
        // A crash may also fall after the last effect.
        guard !batch.isEmpty, !crashes(id) else { return }
        hosts[id.index].busyUntil = max(hosts[id.index].busyUntil, time)
    }

    private static func digest(_ message: Message) -> UInt64 {
        var hash = TraceHash()
        message.absorb(into: &hash)
        return hash.word
    }

    private mutating func post(
        _ message: Message, digest: UInt64, from: ProcessID, to: ProcessID, at time: Instant
    ) {
        guard !message.isBesideNetwork else {
            return scheduler.schedule(.message(from: from, to: to, message, digest: digest), at: time)
        }
        let arrivals = network.route(
            from: from, to: to, digest: digest, bytes: message.byteCount, at: time, faults: &faults)
        if let first = arrivals.first {
            scheduler.schedule(.message(from: from, to: to, message, digest: digest), at: first)
        }
        if let second = arrivals.second {
            scheduler.schedule(.message(from: from, to: to, message, digest: digest), at: second)
        }
    }

    /// The moment of a disk answer: first the platter, then the process, with room for a crash before and between.
    mutating func finishDisk(_ id: ProcessID, incarnation: UInt32, _ answer: Disk.Answer) {
        let isCurrent = hosts[id.index].incarnation == incarnation
        if isCurrent, crashes(id) {
            // The machine may have died with its process; the epoch of the disk knows.
            hosts[id.index].disk.settle(answer)
            return
        }
        hosts[id.index].disk.settle(answer)
        guard isCurrent, !crashes(id) else { return }
        offer(.disk(answer.token, answer.result), to: id)
    }

    private mutating func halt(_ id: ProcessID, _ reason: Halt) {
        switch reason {
        case .restart:
            var random = root.fork("halt", UInt64(id.index) << 32 | hosts[id.index].stops)
            stop(id, restartAfter: random.span(.milliseconds(10), .seconds(1)))
        case .forGood(let why):
            hosts[id.index].haltedForGood = why
            stop(id, restartAfter: nil)
        }
    }
}
