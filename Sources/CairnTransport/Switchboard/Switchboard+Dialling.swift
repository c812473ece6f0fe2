internal import CairnBase

/// Dialling, and when to try again: growing pauses with chance in them.
extension Switchboard {
    private func mayDial(_ address: PeerAddress) -> Bool {
        address.node != node && !isStopping && !banned.forbids(address.node, at: address.endpoint)
    }

    mutating func keep(_ address: PeerAddress, isConfigured: Bool, at now: Instant) {
        guard mayDial(address) else { return }
        let isKnown: Void? = targets.mutate(address.node) { target in
            // Who moved is looked for at the new place at once.
            if target.endpoint != address.endpoint { target.next = now }
            target.endpoint = address.endpoint
            target.isConfigured = target.isConfigured || isConfigured
        }
        guard isKnown == nil else { return }
        makeRoom(forWanted: address, isConfigured: isConfigured)
        targets.updateValue(
            Target(endpoint: address.endpoint, isConfigured: isConfigured, next: now), forKey: address.node)
    }

    mutating func dialWhatIsDue(at now: Instant, into effects: inout [Effect]) {
        let due = targets.entries.filter {
            $0.value.isConfigured && isWaiting($0.key, $0.value) && $0.value.next <= now
        }
        for (node, _) in due.sorted(by: { ($0.value.next, $0.key) < ($1.value.next, $1.key) }) {
            dial(node, at: now, into: &effects)
        }
        dialChosen(at: now, into: &effects)
    }

    mutating func dial(_ node: NodeID, at now: Instant, into effects: inout [Effect]) {
        guard let target = targets[node] else { return }
        let id = newLink()
        links[id] = Link(endpoint: target.endpoint, dialled: node, isConfigured: target.isConfigured, since: now)
        targets.mutate(node) { $0.link = id }
        effects.append(.dial(id, PeerAddress(node, at: target.endpoint)))
    }

    private static let probesAtOnce = 4

    mutating func probe(_ address: PeerAddress, at now: Instant, into effects: inout [Effect]) {
        guard mayDial(address), current[address.node] == nil else { return }
        let dials = links.filter { $0.value.counts && !$0.value.isInbound }.map(\.value)
        guard !dials.contains(where: { $0.dialled == address.node }),
            dials.count(where: \.isProbe) < Self.probesAtOnce
        else { return }
        let id = newLink()
        links[id] = Link(
            endpoint: address.endpoint, dialled: address.node, isConfigured: false, isProbe: true, since: now)
        effects.append(.dial(id, address))
    }

    private static let visitsAtOnce = 16

    mutating func visit(_ address: PeerAddress, at now: Instant, into effects: inout [Effect]) {
        guard mayDial(address), current[address.node] == nil else { return }
        let dials = links.filter { $0.value.counts && !$0.value.isInbound }
        guard dials.count(where: { $0.value.isVisit }) < Self.visitsAtOnce else { return }
        // Who is dialled already for another reason is asked over that, and need not be a member any longer than that.
        if let (id, link) = dials.first(where: { $0.value.dialled == address.node }) {
            if link.isProbe { links.mutate(id) { $0.isVisit = true } }
            return
        }
        let id = newLink()
        links[id] = Link(
            endpoint: address.endpoint, dialled: address.node,
            isConfigured: targets[address.node]?.isConfigured ?? false, isVisit: true, since: now)
        targets.mutate(address.node) { $0.link = id }
        effects.append(.dial(id, address))
    }

    mutating func leave(_ node: NodeID, into effects: inout [Effect]) {
        for (id, link) in links where link.counts && link.isVisit && link.dialled == node {
            guard link.phase == .member, link.isConfigured || hasSlot(at: link.endpoint) else {
                close(id, .visited, into: &effects)
                continue
            }
            links.mutate(id) { $0.isVisit = false }
        }
    }

    func nextDial(after now: Instant) -> Instant {
        targets.entries.reduce(nextChoosing(after: now)) { earliest, entry in
            // Who is due and was not dialled waits for a slot, not for the time.
            guard isWaiting(entry.key, entry.value), entry.value.next > now else { return earliest }
            return min(earliest, entry.value.next)
        }
    }

    func isWaiting(_ node: NodeID, _ target: Target) -> Bool { target.link == nil && current[node] == nil }

    /// After a connection with a wanted peer ended, or was never reached.
    mutating func scheduleAgain(_ node: NodeID, _ id: LinkID, _ link: Link, _ ending: Ending, at now: Instant) {
        guard var target = targets[node] else { return }
        let wasDialled = target.link == id
        if wasDialled { target.link = nil }
        if link.phase == .member, now.since(link.since) >= limits.settledTime { target.failures = 0 }
        var pause = limits.firstPause
        if ending == .misfit || [.misfit, .ourselves, .rotated].contains(link.parting) {
            pause = limits.misfitPause
        } else if wasDialled, ![.duplicate, .replaced, .visited].contains(link.parting) {
            pause = min(limits.longestPause, limits.firstPause * (1 << min(target.failures, 32)))
            target.failures += 1
        }
        let chance = TimeSpan(nanoseconds: random.below(pause.nanoseconds / 2))
        target.next = max(target.next, now + pause + chance)
        targets.updateValue(target, forKey: node)
    }
}
