internal import CairnBase
internal import CairnWire

extension Membership {
    /// What a member says. That it says anything, sealed and fresh, proves that it is alive.
    mutating func receive(
        _ message: MembershipMessage, from sender: NodeID, at endpoint: Endpoint, _ now: Instant,
        into effects: inout [Effect]
    ) {
        guard members.contains(sender) else { return }
        prove(sender, at: endpoint, now, into: &effects)
        switch message {
        case .ping(let number, let doubt):
            effects.append(.send(.acknowledgement(number: number), to: sender))
            if doubt != 0, isPlausible(doubt, now) { refute(atLeast: doubt, now, into: &effects) }
            tellNews(to: sender, into: &effects)
        case .acknowledgement(let number): acknowledged(number, by: sender, now, into: &effects)
        case .probe(let number, let subject):
            run(errandOf: sender, number, to: subject, now, into: &effects)
        case .probed(let number, let answered):
            probed(number, answered: answered, by: sender, now, into: &effects)
        case .suspicion(let suspicion): heard(suspicion, from: sender, now, into: &effects)
        case .record(let record):
            consider(record, from: sender, isSampled: !view.isPartial, now, into: &effects)
        case .digest(let theirs): answer(theirs, to: sender, into: &effects)
        case .listing(let groups, let references): compare(groups, references, of: sender, into: &effects)
        case .want(let wanted):
            for number in wanted.prefix(MembershipMessage.wantLimit) {
                guard let record = record(named: number) else { continue }
                effects.append(.send(.record(record), to: sender))
            }
        case .sample(let records, let answer):
            for record in records { consider(record, from: sender, isSampled: true, now, into: &effects) }
            if answer { effects.append(.send(.sample(sample(without: sender), answer: false), to: sender)) }
        }
    }

    /// A signature is checked only where it could tell us something.
    private mutating func consider(
        _ record: NodeRecord, from sender: NodeID, isSampled: Bool, _ now: Instant, into effects: inout [Effect]
    ) {
        guard !banned.forbids(record.node) else { return }
        if let held = record.node == node ? own.content.sequence : members[record.node]?.sequence {
            guard record.content.sequence > held else { return }
        } else {
            // A partial view is mixed at a pace of its own: what is told beside that would push out as many others.
            guard isSampled else { return counters.refusedRecords += 1 }
            guard mayTellOfStranger(sender, now) else { return counters.overtold += 1 }
        }
        effects.append(.check(record, from: sender))
    }

    /// Names cost nothing to make, and each that we are told of costs us.
    private mutating func mayTellOfStranger(_ informant: NodeID, _ now: Instant) -> Bool {
        let (burst, pause) = (settings.limits.strangersAtOnce, settings.limits.strangerPause)
        return members.mutate(informant) { member in
            var allowance = member.allowance ?? Allowance(burst, at: now)
            defer { member.allowance = allowance }
            return allowance.take(burst: burst, pause: pause, at: now)
        } ?? false
    }

    func record(named number: UInt64) -> NodeRecord? {
        if number == node.shortNumber { return own }
        return byNumber[number].flatMap { presentRecord(of: $0) }
    }
}

// MARK: - Digests

extension Membership {
    /// Compares views with members at random: three per second at first, one every quarter of a minute later. A view
    /// that is only a sample is mixed instead.
    mutating func compareViews(at now: Instant, into effects: inout [Effect]) {
        let isYoung = now.since(started) < settings.firstDigests
        nextDigest =
            now + (isYoung ? settings.firstDigestPause : view.isPartial ? settings.samplePause : settings.digestPause)
        let alive = members.compactMap { $0.value.state == .alive ? $0.key : nil }
        guard !alive.isEmpty else { return }
        let count = isYoung ? 3 : 1
        for _ in 0..<min(count, alive.count) {
            let target = alive[Int(random.below(UInt64(alive.count)))]
            if view.isPartial {
                effects.append(.send(.sample(sample(without: target), answer: true), to: target))
            } else {
                effects.append(.send(.digest(digest), to: target))
            }
        }
    }

    /// Lists what we hold in the groups that differ; as many whole groups as fit, from a random one on.
    func references(in groups: UInt64) -> [MembershipMessage.Reference] {
        var found: [MembershipMessage.Reference] = []
        func add(_ reference: MembershipMessage.Reference) {
            if groups >> UInt64(ViewDigest.group(of: reference.member)) & 1 == 1 { found.append(reference) }
        }
        add(.init(member: node.shortNumber, sequence: own.content.sequence))
        for (_, member) in members where member.isPresent { add(member.reference) }
        return found
    }

    mutating func answer(_ theirs: ViewDigest, to sender: NodeID, into effects: inout [Effect]) {
        // Who is new has a full view of the few it knows; ours has nothing to compare with that, but others to name.
        guard !view.isPartial else {
            return effects.append(.send(.sample(sample(without: sender), answer: false), to: sender))
        }
        let differing = digest.differences(from: theirs)
        guard differing != 0 else { return }
        let candidates = references(in: differing)
        let start = Int(random.below(UInt64(ViewDigest.groups)))
        var listed: UInt64 = 0
        var references: [MembershipMessage.Reference] = []
        for step in 0..<ViewDigest.groups {
            let group = (start + step) % ViewDigest.groups
            guard differing >> UInt64(group) & 1 == 1 else { continue }
            let here = candidates.filter { ViewDigest.group(of: $0.member) == group }
            guard references.count + here.count <= MembershipMessage.referenceLimit else { break }
            references += here
            listed |= 1 << UInt64(group)
        }
        effects.append(.send(.listing(groups: listed, references), to: sender))
    }

    /// Asks for what the other has and we have not, and sends what we have and it has not.
    mutating func compare(
        _ groups: UInt64, _ references: [MembershipMessage.Reference], of sender: NodeID,
        into effects: inout [Effect]
    ) {
        var theirs = OrderedMap<UInt64, UInt64>()
        for reference in references { theirs[reference.member] = reference.sequence }
        var wanted: [UInt64] = []
        for (number, sequence) in theirs where number != node.shortNumber && !bannedNumbers.contains(number) {
            let held = byNumber[number].flatMap { members[$0] }
            if held.map({ $0.sequence < sequence || $0.state == .dead }) ?? true { wanted.append(number) }
        }
        if !wanted.isEmpty {
            effects.append(.send(.want(Array(wanted.prefix(MembershipMessage.wantLimit))), to: sender))
        }
        let missing = self.references(in: groups).filter { (theirs[$0.member] ?? 0) < $0.sequence }
        // Its own among them: of an earlier run with a clock ahead, which it has to outdo.
        for reference in missing.prefix(MembershipMessage.referenceLimit) {
            guard let record = record(named: reference.member) else { continue }
            effects.append(.send(.record(record), to: sender))
        }
    }
}
