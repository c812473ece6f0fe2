internal import CairnBase
internal import CairnWire

extension Membership {
    /// A question to a member that waits for a sign of life.
    struct Probe: Sendable {
        let subject: NodeID
        let began: Instant
        var lastTry: Instant
        var tries = 1
        var nextTry: Instant
        var helpers: [NodeID] = []
        /// Helpers that said they had no answer either: then it is not us who is cut off.
        var denials = 0
        /// Only asks whether a node that is not there yet exists.
        let isVerification: Bool
    }

    /// A probe on behalf of somebody else, under a number of ours.
    struct Errand: Sendable {
        let client: NodeID
        let subject: NodeID
        let clientNumber: UInt32
        let deadline: Instant
    }

    static var errandLimit: Int { 256 }
    /// A member that asks for more than it can need leaves room for others.
    static var errandsPerClient: Int { 16 }
    static var probeLimit: Int { 128 }
    /// Names that nobody has met leave room to miss those who were there.
    static var verificationLimit: Int { 96 }

    /// The next member in turn. The slower we seem, the rarer we ask.
    mutating func probeNext(at now: Instant, into effects: inout [Effect]) {
        nextProbe = now + settings.limits.probePeriod * (1 + health)
        if round.isEmpty { round = membersToProbe.shuffled(using: &random) }
        while let subject = round.popLast() {
            guard let member = members[subject], member.isPresent else { continue }
            return probe(subject, at: now, into: &effects)
        }
    }

    /// Somebody who was lost may be back, or the network may have healed.
    mutating func probeDead(at now: Instant, into effects: inout [Effect]) {
        nextDeadProbe = now + settings.deadProbePause
        let lost = members.compactMap { $0.value.isPresent ? nil : $0.key }
        guard !lost.isEmpty else { return }
        verify(lost[Int(random.below(UInt64(lost.count)))], now, into: &effects)
    }

    /// Asks a node that is not alive to us whether it is there.
    mutating func verify(_ node: NodeID, _ now: Instant, into effects: inout [Effect]) {
        probe(node, isVerification: true, at: now, into: &effects)
    }

    mutating func probe(
        _ subject: NodeID, isVerification: Bool = false, at now: Instant, into effects: inout [Effect]
    ) {
        guard probes.count < Self.probeLimit, !probes.contains(where: { $0.value.subject == subject }),
            !isVerification || probes.count(where: { $0.value.isVerification }) < Self.verificationLimit
        else { return }
        counters.probes += 1
        let number = freshNumber()
        probes[number] = Probe(
            subject: subject, began: now, lastTry: now, nextTry: now + patience(for: subject),
            isVerification: isVerification)
        ping(subject, number, into: &effects)
    }

    private mutating func ping(_ subject: NodeID, _ number: UInt32, into effects: inout [Effect]) {
        guard let member = members[subject] else { return }
        let doubt = member.state == .suspect || !member.accusers.isEmpty ? member.sequence : 0
        effects.append(.send(.ping(number: number, doubt: doubt), to: subject))
        tellNews(to: subject, into: &effects)
    }

    private func patience(for subject: NodeID) -> TimeSpan {
        let known = (members[subject]?.roundTrip ?? .zero) * settings.roundTripsPerTry
        return max(settings.patience, known) * (1 + health)
    }

    /// Tries again, asks helpers, and draws the conclusion when nothing came.
    mutating func continueProbes(at now: Instant, into effects: inout [Effect]) {
        for (number, kept) in probes where kept.nextTry <= now {
            var probe = kept
            guard probe.tries < settings.tries else {
                probes[number] = nil
                conclude(probe, at: now, into: &effects)
                continue
            }
            probe.tries += 1
            probe.lastTry = now
            probe.nextTry = now + patience(for: probe.subject) * (probe.isVerification ? 2 : 1)
            if probe.tries >= 3, !probe.isVerification {
                if probe.helpers.isEmpty { probe.helpers = helpers(for: probe.subject) }
                for helper in probe.helpers {
                    effects.append(.send(.probe(number: number, subject: probe.subject), to: helper))
                }
            }
            probes[number] = probe
            ping(probe.subject, number, into: &effects)
        }
        for (number, errand) in errands where errand.deadline <= now {
            errands[number] = nil
            let answer = MembershipMessage.probed(number: errand.clientNumber, answered: false)
            effects.append(.send(answer, to: errand.client))
        }
    }

    /// Members that are alive, in as many distinct districts as there are.
    private mutating func helpers(for subject: NodeID) -> [NodeID] {
        var chosen: [NodeID] = []
        var districts = OrderedSet<UInt64>()
        var rest: [NodeID] = []
        let candidates = members.compactMap { $0.value.state == .alive && $0.key != subject ? $0.value : nil }
        for member in candidates.shuffled(using: &random) where chosen.count < settings.limits.indirectProbes {
            if districts.insert(member.endpoint.address.district) {
                chosen.append(member.node)
            } else {
                rest.append(member.node)
            }
        }
        return chosen + rest.prefix(settings.limits.indirectProbes - chosen.count)
    }

    private mutating func conclude(_ probe: Probe, at now: Instant, into effects: inout [Effect]) {
        // Whoever was heard meanwhile, on whatever occasion, has answered.
        guard let member = members[probe.subject], (member.lastProof ?? .origin) <= probe.began else { return }
        guard !probe.isVerification else { return unverified(probe.subject, into: &effects) }
        counters.failedProbes += 1
        // With nobody to ask, or nobody who would even deny, the fault may be ours.
        if probe.denials == 0, !probe.helpers.isEmpty {
            health = min(health + 1, UInt64(settings.limits.healthFactor) - 1)
        }
        suspect(probe.subject, since: probe.began, at: now, into: &effects)
    }

    /// A node that never answered is forgotten, lest names without nodes fill the table; one that did is kept for long.
    private mutating func unverified(_ node: NodeID, into effects: inout [Effect]) {
        guard let member = members[node], member.state == .known else { return }
        remove(node, into: &effects)
    }

    // MARK: - Answers

    mutating func acknowledged(
        _ number: UInt32, by node: NodeID, _ now: Instant, into effects: inout [Effect]
    ) {
        if let errand = errands[number] {
            guard errand.subject == node else { return }
            errands[number] = nil
            effects.append(
                .send(.probed(number: errand.clientNumber, answered: true), to: errand.client))
            return
        }
        guard let probe = probes[number], probe.subject == node else { return }
        probes[number] = nil
        // An answer to an earlier try would look like a shorter way than there is.
        if probe.tries == 1 { members.mutate(node) { $0.take(now.since(probe.lastTry)) } }
        if !probe.isVerification, health > 0 { health -= 1 }
    }

    mutating func probed(
        _ number: UInt32, answered: Bool, by helper: NodeID, _ now: Instant, into effects: inout [Effect]
    ) {
        guard var probe = probes[number], probe.helpers.contains(helper) else { return }
        if answered {
            // A helper's word keeps somebody from being suspected; it makes nobody alive.
            probes[number] = nil
        } else {
            probe.denials += 1
            probes[number] = probe
        }
    }

    mutating func run(
        errandOf client: NodeID, _ clientNumber: UInt32, to subject: NodeID, _ now: Instant,
        into effects: inout [Effect]
    ) {
        guard subject != node, members[subject] != nil, errands.count < Self.errandLimit,
            errands.count(where: { $0.value.client == client }) < Self.errandsPerClient
        else { return }
        let number = freshNumber()
        errands[number] = Errand(
            client: client, subject: subject, clientNumber: clientNumber, deadline: now + settings.patience * 2)
        effects.append(.send(.ping(number: number, doubt: 0), to: subject))
    }

    private mutating func freshNumber() -> UInt32 {
        lastNumber &+= 1
        return lastNumber
    }
}
