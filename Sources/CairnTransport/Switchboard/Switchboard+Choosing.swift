internal import CairnBase

/// Whom to dial of those that nobody configured.
///
/// Who is heard of first, or most, is not therefore chosen: it is what an attacker can arrange. A district is drawn
/// first and one of it then, so a machine gains nothing by many names; half of the slots are filled one by one, so that those heard of
/// a little later stand beside those who came first; and one slot passes on from time to time.
extension Switchboard {
    private typealias Districts = OrderedMap<UInt64, [NodeID]>

    /// The links we chose ourselves, with those that are under way.
    private var chosen: [(id: LinkID, link: Link)] {
        links.compactMap { id, link in
            let isChosen = !link.isInbound && !link.isConfigured && !link.isProbe && !link.isVisit
            return link.counts && isChosen ? (id, link) : nil
        }
    }

    /// Of those we chose only so many, and of one district still fewer.
    func hasSlot(at endpoint: Endpoint) -> Bool {
        let chosen = chosen
        let inDistrict = chosen.count { $0.link.endpoint.address.district == endpoint.address.district }
        return chosen.count < limits.outbound && inDistrict < limits.outboundPerSubnet16
    }

    mutating func dialChosen(at now: Instant, into effects: inout [Effect]) {
        rotate(at: now, into: &effects)
        while let count = freeSlot(at: now), let node = choose(at: now) {
            dial(node, at: now, into: &effects)
            if count + 1 >= limits.outboundAtOnce { nextChoice = now + limits.choicePause }
        }
    }

    /// When somebody may be chosen or has to go, if that is only a matter of time.
    func nextChoosing(after now: Instant) -> Instant {
        let count = chosen.count
        let isShort = count < limits.outbound && nextChoice > now && !candidates(at: now).isEmpty
        let rotation = count >= limits.outbound && nextRotation > now ? nextRotation : .distantFuture
        return min(isShort ? nextChoice : .distantFuture, rotation)
    }

    /// How many are chosen, if another may be now.
    private func freeSlot(at now: Instant) -> Int? {
        let count = chosen.count
        guard count < limits.outbound, count < limits.outboundAtOnce || nextChoice <= now else { return nil }
        return count
    }

    private mutating func choose(at now: Instant) -> NodeID? {
        let candidates = Array(candidates(at: now).map(\.value))
        guard !candidates.isEmpty else { return nil }
        let district = candidates[Int(random.below(UInt64(candidates.count)))]
        return district[Int(random.below(UInt64(district.count)))]
    }

    /// Those who wait and are due, by their districts, without the districts that have their share.
    private func candidates(at now: Instant) -> Districts {
        var taken = OrderedMap<UInt64, Int>()
        for (_, link) in chosen { taken[link.endpoint.address.district, default: 0] += 1 }
        var districts = Districts()
        for (node, target) in targets.entries
        where !target.isConfigured && target.next <= now && isWaiting(node, target) {
            let district = target.endpoint.address.district
            if taken[district] ?? 0 < limits.outboundPerSubnet16 { districts[district, default: []].append(node) }
        }
        return districts
    }

    /// The youngest of those we chose goes once in a while, where others wait for a slot.
    private mutating func rotate(at now: Instant, into effects: inout [Effect]) {
        let held = chosen
        guard held.count >= limits.outbound else { return nextRotation = .distantFuture }
        if nextRotation == .distantFuture { nextRotation = now + limits.rotation }
        guard nextRotation <= now else { return }
        nextRotation = now + limits.rotation
        let members = held.filter { $0.link.phase == .member }
        let youngest = members.max { ($0.link.since, $0.id) < ($1.link.since, $1.id) }
        guard let youngest, !candidates(at: now).isEmpty else { return }
        close(youngest.id, .rotated, into: &effects)
    }

    /// Room for one more name among the wanted: of the districts of which most wait one goes, unless the new one is of it too.
    mutating func makeRoom(forWanted address: PeerAddress, isConfigured: Bool) {
        guard targets.isFull else { return }
        var waiting = Districts()
        for (node, target) in targets.entries where !target.isConfigured && isWaiting(node, target) {
            waiting[target.endpoint.address.district, default: []].append(node)
        }
        let most = waiting.reduce(0) { max($0, $1.value.count) }
        let own = waiting[address.endpoint.address.district]?.count ?? 0
        guard most > 0, isConfigured || own < most else { return }
        let crowd = waiting.flatMap { $0.value.count == most ? $0.value : [] }
        targets.removeValue(forKey: crowd[Int(random.below(UInt64(crowd.count)))])
    }
}
