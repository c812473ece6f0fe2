internal import CairnBase
internal import CairnWire

/// How addresses come into the tables, and out of them.
extension AddressBook {
    mutating func learn(
        _ node: NodeID, at endpoint: Endpoint, from informant: NodeID, _ source: IPAddress, _ now: Instant
    ) {
        guard isUsable(node, at: endpoint) else { return }
        guard source.isPrivate || !endpoint.address.isPrivate else { return counters.unreachable += 1 }
        guard takeAllowance(of: informant, now) else { return counters.overtold += 1 }
        take(node, at: endpoint, from: source.district, now)
    }

    /// A name fills as many buckets as a district does: it stands for whoever owns it.
    mutating func learn(_ node: NodeID, at endpoint: Endpoint, from name: DNSName, _ now: Instant) {
        guard isUsable(node, at: endpoint) else { return }
        let source = hash.digest(seedTag, Array(name.description.utf8)).raw.low64
        take(node, at: endpoint, from: source, now)
        // Names are asked by who knows nobody: it has waited long enough.
        nextCandidate = min(nextCandidate, now + settings.candidatePause)
    }

    private mutating func isUsable(_ node: NodeID, at endpoint: Endpoint) -> Bool {
        guard node != self.node, !banned.forbids(node, at: endpoint) else { return false }
        guard endpoint.port != 0, endpoint.address.isReachable else {
            counters.unreachable += 1
            return false
        }
        return true
    }

    private mutating func take(_ node: NodeID, at endpoint: Endpoint, from source: UInt64, _ now: Instant) {
        counters.learned += 1
        guard var entry = entries[node] else {
            return insert(AddressEntry(node, at: endpoint, source: source, heard: unix(now)), now)
        }
        guard entry.endpoint == endpoint else { return move(entry, to: endpoint, source, now) }
        entry.lastHeard = unix(now)
        entries[node] = entry
        if !entry.isTried { spread(node, source) }
    }

    /// An informant may say a thousand things at once, and then one in ten seconds.
    private mutating func takeAllowance(of informant: NodeID, _ now: Instant) -> Bool {
        let burst = settings.limits.learnedBurst
        if allowances[informant] == nil, allowances.count >= settings.informants {
            // Who has said least is owed least.
            let fullest = allowances.max { ($0.value.left, $0.key) < ($1.value.left, $1.key) }?.key
            if let fullest { allowances[fullest] = nil }
        }
        var allowance = allowances[informant] ?? Allowance(burst, at: now)
        defer { allowances[informant] = allowance }
        return allowance.take(burst: burst, pause: settings.learnedPause, at: now)
    }

    /// A peer says that it moved. A place among the tried is not given up on its word while the old address answers.
    private mutating func move(_ entry: AddressEntry, to endpoint: Endpoint, _ source: UInt64, _ now: Instant) {
        guard !entry.isTried || (entry.failures > 0 && connected[entry.node] == nil) else { return }
        remove(entry.node)
        insert(AddressEntry(entry.node, at: endpoint, source: source, heard: unix(now)), now)
    }

    private mutating func insert(_ entry: AddressEntry, _ now: Instant) {
        let place = freshPlace(of: entry, source: entry.source)
        guard makeRoom(at: place, now) else { return counters.crowdedOut += 1 }
        var entry = entry
        entry.isTried = false
        entry.places = [place]
        entries[entry.node] = entry
        fresh[place] = entry.node
        saveSoon(now)
    }

    /// Whoever holds the place keeps it unless it is worthless or stands elsewhere too.
    private mutating func makeRoom(at place: AddressEntry.Place, _ now: Instant) -> Bool {
        guard let holder = fresh[place], let entry = entries[holder] else { return true }
        guard entry.isWorthless(unix(now)) || entry.places.count > 1 else { return false }
        vacate(place)
        return true
    }

    /// An address that many tell of stands at more places, each further one half as likely.
    private mutating func spread(_ node: NodeID, _ source: UInt64) {
        guard let entry = entries[node], entry.places.count < settings.limits.bucketsPerAddress,
            random.below(1 << UInt64(entry.places.count)) == 0
        else { return }
        let place = freshPlace(of: entry, source: source)
        guard fresh[place] == nil else { return }
        fresh[place] = node
        entries.mutate(node) { $0.places.append(place) }
    }

    /// Takes a place of the new from whoever holds it, who is forgotten if it was the last one.
    private mutating func vacate(_ place: AddressEntry.Place) {
        guard let holder = fresh.removeValue(forKey: place) else { return }
        let isGone = entries.mutate(holder) { entry in
            entry.places.removeAll { $0 == place }
            return entry.places.isEmpty
        }
        if isGone == true { entries[holder] = nil }
    }

    mutating func remove(_ node: NodeID) {
        guard let entry = entries.removeValue(forKey: node) else { return }
        for place in entry.places {
            if entry.isTried { tried[place] = nil } else { fresh[place] = nil }
        }
        contests[node] = nil
    }

    mutating func obey(_ banned: Banned, _ now: Instant) {
        self.banned = banned
        for node in banned.nodes where entries.contains(node) {
            remove(node)
            anchors.removeAll { $0 == node }
            saveSoon(now, isUrgent: true)
        }
    }
}

// MARK: - Those that were reached

extension AddressBook {
    mutating func reach(_ node: NodeID, at endpoint: Endpoint, _ now: Instant) {
        guard node != self.node, endpoint.port != 0, endpoint.address.isReachable, !banned.forbids(node, at: endpoint)
        else { return }
        pending[node] = nil
        counters.reached += 1
        if let entry = entries[node], entry.endpoint != endpoint { remove(node) }
        let isNews = entries[node]?.isTried != true
        var entry =
            entries[node]
            ?? AddressEntry(node, at: endpoint, source: endpoint.address.district, heard: unix(now))
        (entry.lastTry, entry.lastReached, entry.lastHeard, entry.failures) = (unix(now), unix(now), unix(now), 0)
        if entries[node] == nil { insert(entry, now) } else { entries[node] = entry }
        guard isNews else { return }
        contest(entry, now)
        saveSoon(now)
    }

    /// Moves an address to its place among the tried, or has whoever holds that tried first.
    private mutating func contest(_ entry: AddressEntry, _ now: Instant) {
        let place = triedPlace(of: entry)
        guard let holder = tried[place], entries[holder] != nil else { return settle(entry, at: place) }
        guard entries[entry.node] != nil, contests[entry.node] == nil, contests.count < settings.contests else {
            return
        }
        contests[entry.node] = unix(now)
    }

    private mutating func settle(_ entry: AddressEntry, at place: AddressEntry.Place) {
        remove(entry.node)
        var entry = entry
        entry.isTried = true
        entry.places = [place]
        entries[entry.node] = entry
        tried[place] = entry.node
    }

    /// A holder that was reached meanwhile stays; one that was tried in vain goes back to the new.
    mutating func resolveContests(_ now: Instant) {
        let time = unix(now)
        for (node, since) in contests.map({ ($0.key, $0.value) }) {
            guard let newcomer = entries[node], !newcomer.isTried else {
                contests[node] = nil
                continue
            }
            let place = triedPlace(of: newcomer)
            guard let holder = tried[place].flatMap({ entries[$0] }) else {
                settle(newcomer, at: place)
                continue
            }
            let isImmune = holder.lastReached &+ settings.immunity.milliseconds / 1_000 > time
            if isImmune || connected.contains(holder.node) {
                contests[node] = nil
            } else if holder.failures > 0 || time > since &+ settings.contestTime.milliseconds / 1_000 {
                remove(holder.node)
                settle(newcomer, at: place)
                insert(holder, now)
                counters.evicted += 1
            }
        }
    }

    mutating func fail(_ node: NodeID, _ now: Instant) {
        pending[node] = nil
        guard var entry = entries[node] else { return }
        counters.failed += 1
        // While nobody at all is connected it is more likely our own network that is down.
        if !connected.isEmpty { entry.failures = min(entry.failures, .max - 1) + 1 }
        entry.lastTry = unix(now)
        entries[node] = entry
        if entry.isWorthless(unix(now)) { remove(node) }
        saveSoon(now)
    }
}

// MARK: - Places

extension AddressBook {
    func freshPlace(of entry: AddressEntry, source: UInt64) -> AddressEntry.Place {
        let limits = settings.limits
        let share = draw(1, limits.newBucketsPerSource) { writer in
            writer.u64(source)
            writer.u64(entry.endpoint.address.district)
        }
        let bucket = draw(2, limits.newBuckets) { writer in
            writer.u64(source)
            writer.u32(share)
        }
        return place(in: bucket, of: entry, table: 3)
    }

    func triedPlace(of entry: AddressEntry) -> AddressEntry.Place {
        let limits = settings.limits
        let share = draw(4, limits.bucketsPerAddress) { $0.identify(entry) }
        let bucket = draw(5, limits.triedBuckets) { writer in
            writer.u64(entry.endpoint.address.district)
            writer.u32(share)
        }
        return place(in: bucket, of: entry, table: 6)
    }

    private func place(in bucket: UInt32, of entry: AddressEntry, table: UInt8) -> AddressEntry.Place {
        let slot = draw(table, settings.limits.bucketSlots) { writer in
            writer.u32(bucket)
            writer.identify(entry)
        }
        return bucket * UInt32(settings.limits.bucketSlots) + slot
    }

    /// A number below `bound` that nobody without the secret can foresee.
    private func draw(_ purpose: UInt8, _ bound: Int, _ write: (inout ByteWriter) -> Void) -> UInt32 {
        var writer = ByteWriter(capacity: 96)
        writer.bytes32(secret)
        writer.u8(purpose)
        write(&writer)
        return UInt32(truncatingIfNeeded: hash.digest(placeTag, writer.bytes).raw.low64 % UInt64(max(1, bound)))
    }
}

private let placeTag = DomainTag("cn/book.place")
private let seedTag = DomainTag("cn/book.seed")

extension ByteWriter {
    fileprivate mutating func identify(_ entry: AddressEntry) {
        identifier(entry.node)
        entry.endpoint.encode(into: &self)
    }
}
