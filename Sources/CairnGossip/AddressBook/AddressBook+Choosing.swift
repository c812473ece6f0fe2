internal import CairnBase

/// Whom to try next, and whom to begin with.
extension AddressBook {
    private static var draws: Int { 32 }

    /// While fewer are connected than wanted: somebody of a district that is not among them, from either table.
    mutating func seekCandidate(_ now: Instant, into effects: inout [Effect]) {
        nextCandidate = now + pace(settings.candidatePause)
        let outbound = connected.filter { $0.value.isOutbound }
        guard outbound.count + pending.count < settings.outbound else { return }
        var districts = OrderedSet(outbound.map { $0.value.endpoint.address.district })
        for (node, _) in pending {
            if let entry = entries[node] { districts.insert(entry.endpoint.address.district) }
        }
        for _ in 0..<Self.draws {
            let isTried = random.below(2) == 0
            // A newcomer has tried nobody yet, and must not lose every second look for that.
            guard let entry = draw(fromTried: isTried) ?? draw(fromTried: !isTried) else { break }
            guard isFree(entry, now), !districts.contains(entry.endpoint.address.district) else { continue }
            return attempt(entry.node, now, into: &effects)
        }
        // Nobody is worth a try: there is time.
        nextCandidate = now + pace(settings.candidatePause * 5)
    }

    /// Now and then whoever holds a place that another wants, or one of whom we only heard.
    mutating func feel(_ now: Instant, into effects: inout [Effect]) {
        nextFeeler = now + pace(settings.feelerPause)
        for (newcomer, _) in contests {
            guard let entry = entries[newcomer], let holder = tried[triedPlace(of: entry)].flatMap({ entries[$0] }),
                isFree(holder, now)
            else { continue }
            counters.feelers += 1
            return attempt(holder.node, now, into: &effects)
        }
        for _ in 0..<Self.draws {
            guard let entry = draw(fromTried: false) else { return }
            guard isFree(entry, now) else { continue }
            counters.feelers += 1
            return attempt(entry.node, now, into: &effects)
        }
    }

    private func isFree(_ entry: AddressEntry, _ now: Instant) -> Bool {
        !connected.contains(entry.node) && !pending.contains(entry.node) && !banned.forbids(entry.endpoint)
            && entry.isDue(unix(now))
    }

    /// A bucket by chance, then one of it: a district that fills its few buckets is not drawn more often for that.
    private mutating func draw(fromTried isTried: Bool) -> AddressEntry? {
        let table = isTried ? tried : fresh
        guard let lowest = table.first?.key else { return nil }
        let slots = AddressEntry.Place(settings.limits.bucketSlots)
        let buckets = isTried ? settings.limits.triedBuckets : settings.limits.newBuckets
        let drawn = AddressEntry.Place(random.below(UInt64(buckets))) * slots
        var following = table.entries(from: drawn).makeIterator()
        let bucket = (following.next()?.key ?? lowest) / slots
        let inside = table.entries(in: bucket * slots..<(bucket + 1) * slots).map(\.value)
        guard !inside.isEmpty else { return nil }
        return entries[inside[Int(random.below(UInt64(inside.count)))]]
    }

    /// Those we have been connected to longest, of different districts where possible; while nobody is connected, the last ones.
    mutating func chooseAnchors(_ now: Instant) {
        let held = connected.filter { $0.value.isOutbound }.sorted {
            ($0.value.since, $0.key) < ($1.value.since, $1.key)
        }
        let candidates = held.map(\.key) + anchors.filter { !connected.contains($0) }
        var chosen: [NodeID] = []
        for isStrict in [true, false] {
            for node in candidates where chosen.count < settings.anchors && !chosen.contains(node) {
                guard let district = entries[node]?.endpoint.address.district else { continue }
                let isTaken = chosen.contains { entries[$0]?.endpoint.address.district == district }
                if !isStrict || !isTaken { chosen.append(node) }
            }
        }
        guard chosen != anchors else { return }
        anchors = chosen
        saveSoon(now, isUrgent: true)
    }
}
