internal import CairnBase

/// Who may come in, and who stays when there is no room for all.
extension Switchboard {
    mutating func admit(_ id: LinkID, from endpoint: Endpoint, at now: Instant, into effects: inout [Effect]) {
        if let refusal = refusal(of: endpoint, at: now) { return effects.append(.refuse(id, refusal)) }
        links[id] = Link(endpoint: endpoint, dialled: nil, isConfigured: false, since: now)
    }

    private mutating func refusal(of endpoint: Endpoint, at now: Instant) -> Refusal? {
        guard !isStopping else { return .stopping }
        guard !banned.forbids(endpoint) else { return .banned }
        var handshakes = 0
        var fromAddress = 0
        var fromSubnet = 0
        for (_, link) in links where link.counts {
            if link.endpoint.address == endpoint.address { fromAddress += 1 }
            guard link.isInbound else { continue }
            if link.phase == .opening || link.phase == .introducing { handshakes += 1 }
            if link.endpoint.address.subnet == endpoint.address.subnet { fromSubnet += 1 }
        }
        if fromAddress >= limits.perAddress { return .address }
        if fromSubnet >= limits.inboundPerSubnet24 { return .subnet }
        if handshakes >= limits.handshakes { return .handshakes }
        return rates.admit(endpoint.address, at: now)
    }

    mutating func establish(_ id: LinkID, _ peer: NodeID, at now: Instant, into effects: inout [Effect]) {
        guard var link = links[id], link.counts, link.phase == .opening else { return }
        link.peer = peer
        link.since = now
        link.phase = .introducing
        links[id] = link
        guard peer != node else { return close(id, .ourselves, into: &effects) }
        guard !banned.forbids(peer) else { return close(id, .banned, into: &effects) }
        if let otherID = current[peer], let other = links[otherID] {
            guard let parting = verdict(on: other, against: link, with: peer, at: now) else {
                return close(id, .duplicate, into: &effects)
            }
            close(otherID, parting, into: &effects)
        }
        current[peer] = id
        if link.isInbound { makeRoom(for: id, into: &effects) }
    }

    /// Why the older of two links with a peer goes; nil when it stays. Both ends come to the same answer.
    private func verdict(on old: Link, against new: Link, with peer: NodeID, at now: Instant) -> Parting? {
        // Nobody begins a connection to a peer it is connected with. So when the new one cannot have been under way as the
        // old one was established, or came the same way, the peer has lost the old one.
        if now.since(old.since) > limits.handshakeTime * 2 || old.isInbound == new.isInbound { return .replaced }
        // Both dialled at once: the one that the smaller id dialled stays.
        return new.isInbound == (peer < node) ? .duplicate : nil
    }

    mutating func introduce(_ id: LinkID, into effects: inout [Effect]) {
        guard let link = links[id], link.counts, link.phase != .member, let peer = link.peer, current[peer] == id
        else { return }
        if link.isProbe, !link.isVisit, !hasSlot(at: link.endpoint) { return close(id, .tested, into: &effects) }
        links.mutate(id) { link in
            link.phase = .member
            link.isProbe = false
        }
        effects.append(.connected(peer, id))
    }

    mutating func estrange(_ id: LinkID, into effects: inout [Effect]) {
        guard let link = links[id], link.counts, link.phase == .introducing else { return }
        guard link.isInbound else { return close(id, .misfit, into: &effects) }
        links.mutate(id) { $0.phase = .stranger }
        let strangers = links.reduce(0) { $0 + ($1.value.counts && $1.value.phase == .stranger ? 1 : 0) }
        if strangers > limits.strangers { close(id, .tooManyStrangers, into: &effects) }
    }

    /// Who has not said hello by now is not going to.
    mutating func giveUpIntroductions(at now: Instant, into effects: inout [Effect]) {
        let late = links.filter {
            $0.value.counts && $0.value.phase == .introducing && $0.value.since + limits.handshakeTime <= now
        }
        for (id, _) in late { estrange(id, into: &effects) }
    }

    var nextIntroduction: Instant {
        links.reduce(.distantFuture) { earliest, entry in
            guard entry.value.counts, entry.value.phase == .introducing else { return earliest }
            return min(earliest, entry.value.since + limits.handshakeTime)
        }
    }
}

/// Slots. They are kept by merit, so that nobody can push all others out by coming in great numbers.
extension Switchboard {
    private typealias Holder = (id: LinkID, link: Link)

    private mutating func makeRoom(for newcomer: LinkID, into effects: inout [Effect]) {
        let holders: [Holder] = links.compactMap { id, link in
            link.counts && link.isInbound && link.phase != .opening ? (id, link) : nil
        }
        guard holders.count > limits.inbound else { return }
        if let victim = leastDeserving(of: holders.filter { $0.id != newcomer }) {
            close(victim, .evicted, into: &effects)
        } else {
            close(newcomer, .full, into: &effects)
        }
    }

    /// The youngest that is no member; else, of those that no merit protects, the youngest of the most crowded district.
    private func leastDeserving(of holders: [Holder]) -> LinkID? {
        if let outsider = holders.filter({ $0.link.phase != .member }).map(\.id).max() { return outsider }
        let open = unprotected(holders)
        var crowd = OrderedMap<UInt64, Int>()
        for holder in open { crowd[holder.link.endpoint.address.district, default: 0] += 1 }
        return open.max { left, right in
            let (leftCrowd, rightCrowd) = (
                crowd[left.link.endpoint.address.district] ?? 0, crowd[right.link.endpoint.address.district] ?? 0
            )
            return leftCrowd != rightCrowd ? leftCrowd < rightCrowd : left.id < right.id
        }?.id
    }

    /// Takes out, one merit after the other, those who stand first in it.
    private func unprotected(_ holders: [Holder]) -> [Holder] {
        var left = holders
        func protect(_ count: Int, _ isBetter: (Holder, Holder) -> Bool) {
            left.sort(by: isBetter)
            left.removeFirst(min(count, left.count))
        }
        let count = limits.protectedPerMerit
        protect(count) { ($0.link.merit.roundTrip ?? .never, $0.id) < ($1.link.merit.roundTrip ?? .never, $1.id) }
        protect(count) { ($0.link.merit.urgentMessages, $1.id) > ($1.link.merit.urgentMessages, $0.id) }
        protect(count / 2) { ($0.link.merit.largeMessages, $1.id) > ($1.link.merit.largeMessages, $0.id) }
        protect(count) { ($0.link.since, $0.id) < ($1.link.since, $1.id) }
        return left
    }
}

extension TimeSpan {
    fileprivate static let never = TimeSpan(nanoseconds: .max)
}
