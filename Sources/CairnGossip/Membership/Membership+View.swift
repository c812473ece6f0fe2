public import CairnBase
internal import CairnWire

/// Which members a node keeps and probes.
///
/// While the network is small that is everybody. Once more are known than a full view holds, it is a few neighbours, in
/// as many districts as possible, and a bounded sample that is mixed with theirs; so a flood of new names costs nobody
/// more memory or traffic. A view that became partial stays so.
struct View: Sendable {
    private(set) var isPartial = false
    /// The neighbours of a partial view.
    fileprivate(set) var active = OrderedSet<NodeID>()

    mutating func lost(_ node: NodeID) { _ = active.remove(node) }

    fileprivate mutating func becomePartial() { isPartial = true }
}

extension Membership {
    /// Room for one more name. The dead go first; then, while few have not answered yet, one of those who did, of the districts that
    /// have most of them: a machine with a thousand names pushes out its own. What a name says of itself counts for nothing
    /// there, and the many who never answer push out one another.
    mutating func makeRoom(for node: NodeID, into effects: inout [Effect]) -> Bool {
        let limits = settings.limits
        if !view.isPartial {
            guard members.count >= limits.fullView else { return true }
            // Names that never answered make no network large.
            let dead = members.first { $0.value.state == .dead } ?? members.first { $0.value.state == .known }
            if let gone = dead?.key {
                remove(gone, into: &effects)
                return true
            }
            view.becomePartial()
        }
        while members.count >= limits.activeView + limits.passiveView {
            let spare = members.compactMap { view.active.contains($0.key) ? nil : $0.value }
            guard let gone = toLeave(of: spare) else { return false }
            remove(gone, into: &effects)
        }
        return true
    }

    private mutating func toLeave(of spare: [Member]) -> NodeID? {
        let dead = spare.filter { $0.state == .dead }
        let known = spare.filter { $0.state == .known }
        var crowds = OrderedMap<UInt64, [Member]>()
        for member in spare where member.isPresent {
            crowds[member.endpoint.address.district, default: []].append(member)
        }
        let most = crowds.reduce(0) { max($0, $1.value.count) }
        let pool =
            if !dead.isEmpty {
                dead
            } else if known.count > settings.limits.passiveView / 4 || (most < 2 && !known.isEmpty) {
                known
            } else {
                crowds.flatMap { $0.value.count == most ? $0.value : [] }
            }
        return pool.isEmpty ? nil : pool[Int(random.below(UInt64(pool.count)))].node
    }

    /// Whether a member's turn to be probed comes again and again.
    public func probes(_ node: NodeID) -> Bool {
        members[node]?.isPresent == true && (!view.isPartial || view.active.contains(node))
    }

    mutating func remove(_ node: NodeID, into effects: inout [Effect]) {
        guard members.removeValue(forKey: node) != nil else { return }
        if byNumber[node.shortNumber] == node { byNumber[node.shortNumber] = nil }
        _ = suspects.remove(node)
        view.lost(node)
        effects.append(.forget(node))
    }

    /// Everybody, or the neighbours, filled up with members from the districts that have fewest of them.
    var membersToProbe: [NodeID] {
        mutating get {
            let present = members.compactMap { $0.value.isPresent ? $0.value : nil }
            guard view.isPartial else { return present.map(\.node) }
            var perDistrict = OrderedMap<UInt64, Int>()
            for member in present where view.active.contains(member.node) {
                perDistrict[member.endpoint.address.district, default: 0] += 1
            }
            let spare = present.filter { !view.active.contains($0.node) }.shuffled(using: &random)
            let byCrowd = spare.sorted {
                (perDistrict[$0.endpoint.address.district] ?? 0) < (perDistrict[$1.endpoint.address.district] ?? 0)
            }
            for member in byCrowd.prefix(max(0, settings.limits.activeView - view.active.count)) {
                _ = view.active.insert(member.node)
            }
            return view.active.elements
        }
    }

    /// A few members at random, and ourselves.
    mutating func sample(without target: NodeID) -> [NodeRecord] {
        let present = members.compactMap { $0.value.isPresent && $0.key != target ? $0.value.record : nil }
        let others = present.shuffled(using: &random).prefix(MembershipMessage.sampleLimit - 1)
        return [own] + others
    }
}
