import CairnBase

/// What the router says.
extension PortMapper {
    mutating func take(_ bytes: [UInt8], from source: Endpoint, at now: Instant, into effects: inout [Effect]) {
        guard let place, source == Endpoint(place.gateway, port: settings.gatewayPort) else {
            return counters.foreign += 1
        }
        guard let answer = try? GatewayAnswer(bytes) else { return counters.malformed += 1 }
        guard let question = plan.first, answer.answers(question) else { return counters.unasked += 1 }
        let hasForgotten = wentBack(answer.epoch, now)
        epoch = (answer.epoch, now)
        plan.removeFirst()
        (attempts, repeatAt) = (0, now)
        switch (answer.content, question) {
        case (.address(let address), _): take(address, hasForgotten, now, into: &effects)
        case (.mapped(let transport, _, let outside, let given), .map(_, _, _, let asked)):
            guard asked != 0 else { break }
            hasMapped = true
            guard outside != 0 else { return fail(.outOfResources, now, into: &effects) }
            if hasForgotten, !round.wasRestarted {
                // Before or after the answer to the question before this one: both may be gone.
                round.wasRestarted = true
                counters.restarts += 1
                plan = mappings(outside)
            } else if transport == .tcp {
                round.tcp = (outside, min(given, asked))
                // The same port for UDP.
                if case .map(.udp, let inside, _, let seconds) = plan.first, seconds != 0 {
                    plan[0] = .map(.udp, inside: inside, outside: outside, seconds: seconds)
                }
            } else {
                conclude(outside, min(given, asked), now, into: &effects)
            }
        // Who refuses to take something away has nothing to take away.
        case (.refused, .map(_, _, _, 0)): break
        case (.refused(_, let why), _):
            counters.refused += 1
            fail(why, now, into: &effects)
        default: break
        }
    }

    /// A clock that shows clearly less than it must by now was started anew: an eighth and two seconds are allowed (RFC 6886, 3.6).
    private func wentBack(_ seconds: UInt32, _ now: Instant) -> Bool {
        guard let epoch else { return false }
        let passed = now.since(epoch.at).milliseconds / 1_000
        return UInt64(seconds) + 2 < UInt64(epoch.seconds) + passed - passed / 8
    }

    private mutating func take(
        _ address: IPAddress, _ hasForgotten: Bool, _ now: Instant, into effects: inout [Effect]
    ) {
        if address.isUnspecified { return fail(.networkFailure, now, into: &effects) }
        guard !address.isPrivate, address.isReachable else { return fail(.behindAnother, now, into: &effects) }
        round.address = address
        if let port = grant?.outside.port { grant?.outside = Endpoint(address, port: port) }
        if hasForgotten {
            counters.restarts += 1
            if plan.isEmpty { plan = mappings(grant?.outside.port ?? listening.port) }
        }
        if plan.isEmpty { rest(now) }
    }

    private mutating func conclude(
        _ port: UInt16, _ seconds: UInt32, _ now: Instant, into effects: inout [Effect]
    ) {
        guard let tcp = round.tcp, let address = round.address else { return }
        guard tcp.port == port else {
            // Somebody else has one of the two. Another number, once.
            guard !round.wasRedrawn else {
                fail(.portsDiffer, now, into: &effects)
                return plan = removals
            }
            round.wasRedrawn = true
            plan = removals + mappings(UInt16(truncatingIfNeeded: 49_152 + random.below(16_384)))
            return
        }
        let given = TimeSpan.seconds(UInt64(min(tcp.seconds, seconds)))
        let half = TimeSpan(nanoseconds: given.nanoseconds / 2)
        grant = PortGrant(
            way: .natPMP, outside: Endpoint(address, port: port), until: now + given,
            renewAt: now + max(half, settings.renewedAtEarliest))
        counters.granted += 1
        rest(now)
    }

    /// All is well until the next look.
    private mutating func rest(_ now: Instant) {
        (state, trouble, otherTrouble) = (.mapped, nil, nil)
        due = min(grant?.renewAt ?? now, now + settings.between)
    }

    mutating func take(_ answer: UPnPAnswer, at now: Instant, into effects: inout [Effect]) {
        guard let order else { return counters.unasked += 1 }
        self.order = nil
        if isStopping {
            if order.action == .map { give(.unmap, order.outside, into: &effects) }
            return
        }
        // Of a router that is not ours any more.
        guard order.place == place else { return }
        switch answer {
        case .mapped(let outside) where !outside.address.isPrivate && outside.address.isReachable:
            let half = TimeSpan(nanoseconds: settings.lease.nanoseconds / 2)
            grant = PortGrant(way: .upnp, outside: outside, until: now + settings.lease, renewAt: now + half)
            counters.granted += 1
            (state, trouble, otherTrouble, due) = (.mapped, nil, nil, now + half)
        case .mapped(let outside):
            refuse(.behindAnother, now)
            // It is there all the same, and perhaps for ever.
            give(.unmap, outside.port, into: &effects)
        case .failed(let why): refuse(why, now)
        case .unmapped: break
        }
    }

    private mutating func refuse(_ why: PortMappingTrouble, _ now: Instant) {
        if why != .noLibrary { counters.refused += 1 }
        otherTrouble = why
        if grant == nil { state = trouble == .silent ? .silent : .refused }
        // A grant may have lapsed while this was asked for, with nothing else that is due.
        due = min(due, now + (grant == nil ? settings.retry : settings.hurriedRetry))
    }
}
