internal import CairnBase
internal import CairnWire

extension Membership {
    private static var voicedPerMinute: Int { 12 }
    private static var accusersNeeded: Int { 3 }
    private static var hearsayPause: TimeSpan { .seconds(5) }

    /// Our own probes got no answer.
    mutating func suspect(_ node: NodeID, since: Instant, at now: Instant, into effects: inout [Effect]) {
        guard var member = members[node], member.state == .alive else { return }
        counters.suspicions += 1
        member.state = .suspect
        member.suspectedSince = since
        members[node] = member
        _ = suspects.insert(node)
        effects.append(.changed(node, member.endpoint, .suspect))
        let suspicion = MembershipMessage.Suspicion(
            subject: node.shortNumber, sequence: member.sequence, isFirstHand: true)
        // Everybody is to hear it from several who found out for themselves.
        news.add(.suspicion(suspicion), budget: budget * 2)
        spreadSoon(now)
    }

    /// Somebody says that a member is silent: we look for ourselves.
    mutating func heard(
        _ suspicion: MembershipMessage.Suspicion, from accuser: NodeID, _ now: Instant, into effects: inout [Effect]
    ) {
        if suspicion.subject == node.shortNumber {
            guard isPlausible(suspicion.sequence, now) else { return }
            return refute(atLeast: own.content.sequence, now, into: &effects)
        }
        guard let subject = byNumber[suspicion.subject], var member = members[subject], member.isPresent,
            suspicion.sequence == member.sequence, heeds(accuser, now)
        else { return }
        if suspicion.isFirstHand, let district = members[accuser]?.endpoint.address.district,
            member.accusers.count < Self.accusersNeeded
        {
            _ = member.accusers.insert(district)
        }
        let isDue = member.lastHearsayProbe.map { now.since($0) >= Self.hearsayPause } ?? true
        if isDue { member.lastHearsayProbe = now }
        members[subject] = member
        guard isDue else { return }
        if member.state == .alive { probe(subject, at: now, into: &effects) }
        let passedOn = MembershipMessage.Suspicion(
            subject: suspicion.subject, sequence: suspicion.sequence, isFirstHand: false)
        news.add(.suspicion(passedOn), budget: settings.fanOut * 2)
        spreadSoon(now)
    }

    /// Whether a member's suspicions are still listened to.
    private mutating func heeds(_ accuser: NodeID, _ now: Instant) -> Bool {
        guard var member = members[accuser] else { return false }
        if member.voiced.until <= now { member.voiced = (now + .seconds(60), 0) }
        member.voiced.count += 1
        members[accuser] = member
        // Many may pass on what is true; a liar is heard as often and no more.
        let isHeeded = member.voiced.count <= Self.voicedPerMinute + members.count / 4
        if !isHeeded { counters.unheeded += 1 }
        return isHeeded
    }

    /// Whether a sequence of ours that others name without a record may be one. To outdo one far ahead would make our
    /// record one that everybody refuses.
    func isPlausible(_ sequence: UInt64, _ now: Instant) -> Bool {
        let latest = unixMilliseconds(now) &+ settings.limits.clockAhead.milliseconds / 2
        return (own.content.sequence...max(own.content.sequence, latest)).contains(sequence)
    }

    /// We are alive, and say so in a newer record; at most once per second.
    mutating func refute(atLeast sequence: UInt64, _ now: Instant, into effects: inout [Effect]) {
        if let lastRefutation, now.since(lastRefutation) < .seconds(1) { return }
        lastRefutation = now
        counters.refutations += 1
        effects.append(.sign(sequence: max(sequence &+ 1, unixMilliseconds(now))))
    }

    /// How long after its first unanswered probe a suspect is dead: longest when nobody else says so, shortest when
    /// enough others do from distinct networks. The steps are those of a logarithm.
    private func suspicionEnd(_ member: Member) -> Instant? {
        guard let since = member.suspectedSince else { return nil }
        let needed = min(Self.accusersNeeded, max(0, members.count - 2))
        let shortest = settings.limits.suspicion
        let longest = shortest * UInt64(settings.limits.suspicionFactor)
        let extra = longest.nanoseconds - shortest.nanoseconds
        let steps: [UInt64] = [1_000, 500, 208, 0]
        let step = needed == 0 ? 3 : min(3, member.accusers.count * 3 / needed)
        let usual = shortest + TimeSpan(nanoseconds: extra / 1_000 * steps[step])
        return since + max(usual, shortest * (1 << relapses(member, since)))
    }

    /// How often a member was called dead and came back, one forgotten per `relapseMemory` in which it was not.
    private func relapses(_ member: Member, _ now: Instant) -> UInt64 {
        let forgotten = now.since(member.lastDeath).nanoseconds / settings.relapseMemory.nanoseconds
        return member.relapses - min(member.relapses, forgotten)
    }

    var nextSuspicionEnd: Instant {
        suspects.reduce(.distantFuture) { next, node in min(next, members[node].flatMap(suspicionEnd) ?? next) }
    }

    /// Declares dead who has not answered, after one more try that every suspect gets while it waits.
    mutating func endSuspicions(at now: Instant, into effects: inout [Effect]) {
        for node in suspects {
            guard var member = members[node], let end = suspicionEnd(member), end <= now else { continue }
            _ = suspects.remove(node)
            member.state = .dead
            member.suspectedSince = nil
            member.relapses = min(relapses(member, now) + 1, settings.relapsesCounted)
            member.lastDeath = now
            members[node] = member
            counters.deaths += 1
            view.lost(node)
            effects.append(.changed(node, member.endpoint, .dead))
        }
    }
}
