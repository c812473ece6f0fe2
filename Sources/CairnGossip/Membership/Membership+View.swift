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
            guard let gone = toLeave() else { return false }
            remove(gone, into: &effects)
        }
        return true
    }

    /// Counted first and picked then: members are large, and this happens for every stranger.
    private mutating func toLeave() -> NodeID? {
        var (dead, known) = (0, 0)
        var crowds = OrderedMap<UInt64, Int>()
        for (node, member) in members where !view.active.contains(node) {
            switch member.state {
            case .dead: dead += 1
            case .known: known += 1
            case .alive, .suspect: crowds[member.endpoint.address.district, default: 0] += 1
            }
        }
        let most = crowds.reduce(0) { max($0, $1.value) }
        let isKnownToLeave = known > settings.limits.passiveView / 4 || (most < 2 && known > 0)
        let isToLeave: (Member) -> Bool =
            if dead > 0 {
                { $0.state == .dead }
            } else if isKnownToLeave {
                { $0.state == .known }
            } else {
                { $0.isPresent && crowds[$0.endpoint.address.district] == most }
            }
        let pool = members.lazy.filter { [view] in !view.active.contains($0.key) && isToLeave($0.value) }
        let count = pool.reduce(0) { sum, _ in sum + 1 }
        guard count > 0 else { return nil }
        let pick = Int(random.below(UInt64(count)))
        return pool.dropFirst(pick).first { _ in true }?.key
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
