import CairnBase
import CairnWire

/// At the end of an epoch the set of the epoch after the next is frozen: who is there, where, and how far it is believed.
extension BlockRun {
    mutating func freeze(for later: Epoch) throws(StateError) {
        var members: [LiveResource] = []
        for member in try liveResources() where try isBacked(member) { members.append(member) }
        let meetings = try meetings(among: members)
        let calm = tooPerfect(members, meetings)
        var neighbours = [[FrozenResource.Neighbour]](repeating: [], count: members.count)
        for meeting in meetings {
            let hasSignals = !members[meeting.target].resource.offer.profile.hasCapacity
            neighbours[meeting.target].append(
                .init(
                    place: UInt32(meeting.witness), heard: meeting.heard,
                    reasons: hasSignals ? meeting.history.reasons : Reasons()))
        }
        let believed = try members.map { member throws(StateError) in try belief(in: member) }
        let scales = try scales(members, believed)
        for (place, member) in members.enumerated() {
            let frozen = try frozen(
                member, believed[place], scale: scales[place], isTooPerfect: calm[place], neighbours[place])
            state.store(.frozen(later, UInt32(place)), frozen)
        }
        let sellers = members.indices.filter { members[$0].resource.offer.profile.isSold }
        for (page, places) in NumberPage.pages(of: sellers.map(UInt32.init(clamping:))) {
            state.store(.sellers(later, page), places)
        }
        let roots = Profile.allCases.map { profile in
            // Who neither came nor showed anything lately opens no pool.
            let mine = members.filter { $0.resource.offer.profile == profile && isActive($0) }
            return UInt32(OrderedSet(mine.map(\.resource.stakeRoot)).count)
        }
        state.store(.census(later), Census(count: UInt32(members.count), roots: roots))
    }

    /// Under a strict profile a resource without its bond is not there.
    private mutating func isBacked(_ member: LiveResource) throws(StateError) -> Bool {
        let profile = member.resource.offer.profile
        guard let rules = try state.load(.profile(profile)), rules.bonding == .strict else { return true }
        let need = bondNeed(
            rules, capacity: member.resource.offer.capacity, funds: try state.load(.funds(profile)))
        return member.resource.bond >= need
    }

    private mutating func belief(in member: LiveResource) throws(StateError) -> (multiplier: UInt64, isIsland: Bool) {
        guard !member.resource.offer.profile.hasCapacity else { return (.millionPPM, false) }
        let since = try state.load(.stakeRootSince(member.resource.stakeRoot))?.epoch ?? epoch
        let age = parameters.period(of: epoch) - min(parameters.period(of: epoch), parameters.period(of: since))
        let islandRate = age < parameters[.islandPeriods] ? parameters[.islandPPM] : parameters[.islandPPM] / 5
        return member.track.trust < islandRate ? (islandRate, true) : (member.track.trust, false)
    }

    /// Crowding, profile by profile, among those that were active lately.
    private mutating func scales(
        _ members: [LiveResource], _ believed: [(multiplier: UInt64, isIsland: Bool)]
    ) throws(StateError) -> [UInt64] {
        var scales = [UInt64](repeating: .millionPPM, count: members.count)
        for profile in Profile.allCases {
            guard let rules = try state.load(.profile(profile)), rules.crowding == .cells else { continue }
            let counted = members.indices.filter { place in
                members[place].resource.offer.profile == profile && isActive(members[place])
            }
            let finest = Density.levels.first?.cells ?? 0
            var whose: [Int] = []
            var cells: [Cell] = []
            for place in counted {
                guard let cell = Cell(members[place].resource.site.position, level: finest) else { continue }
                cells.append(cell)
                whose.append(place)
            }
            let crowd = { (weight: (Int) -> UInt64) in
                zip(cells, whose).map { (place: $0, weight: min(.millionPPM, 4 * weight($1))) }
            }
            // Names that nobody trusts crowd each other, and nobody else.
            let amongTrusted = Density.scales(of: crowd { members[$0].track.trust })
            let amongAll = Density.scales(of: crowd { believed[$0].multiplier })
            for (index, place) in whose.enumerated() {
                scales[place] = believed[place].isIsland ? amongAll[index] : amongTrusted[index]
            }
        }
        return scales
    }

    /// Whether it answered, witnessed or came here within the last epochs that count.
    private func isActive(_ member: LiveResource) -> Bool {
        let last = max(member.resource.since, member.track.beaconed ?? Epoch(0), member.track.witnessed ?? Epoch(0))
        return last.advanced(by: parameters[.interactiveEpochs]) >= epoch
    }

    /// Which witnesses say nearly the same of whatever they heard.
    private func tooPerfect(_ members: [LiveResource], _ meetings: [Meeting]) -> [Bool] {
        var rows = [[PairHistory.Row]](repeating: [], count: members.count)
        for meeting in meetings where members[meeting.target].resource.offer.profile == .coverageRadio {
            rows[meeting.witness] += meeting.history.rows
        }
        return rows.map { PairHistory.isTooPerfect(all: $0) }
    }

    private mutating func frozen(
        _ member: LiveResource, _ believed: (multiplier: UInt64, isIsland: Bool), scale: UInt64,
        isTooPerfect: Bool, _ neighbours: [FrozenResource.Neighbour]
    ) throws(StateError) -> FrozenResource {
        let (resource, track) = (member.resource, member.track)
        var reasons = Reasons()
        if track.sharing > 1 { reasons.insert(.twin) }
        if isTooPerfect { reasons.insert(.tooPerfect) }
        let base = try state.load(.profile(resource.offer.profile))?.challengesPerThousandEpochs ?? 1000
        return FrozenResource(
            id: member.id, number: resource.index, controller: resource.controller, stakeRoot: resource.stakeRoot,
            offer: resource.offer, site: resource.site, flags: flags(member, believed.isIsland),
            score: UInt32(clamping: track.standing.score), rate: max(1, rate(track, base)),
            scale: UInt32(clamping: scale / UInt64(track.sharing)), multiplier: UInt32(clamping: believed.multiplier),
            streak: track.streakPPM(perPeriod: parameters[.epochsPerPeriod]), reasons: reasons, captor: track.captor,
            neighbours: neighbours.sorted { $0.place < $1.place })
    }

    /// Twice as often until vetted, half as often once trusted.
    private func rate(_ track: Track, _ base: UInt32) -> UInt32 {
        guard isVetted(track) else { return base.multipliedReportingOverflow(by: 2).partialValue }
        return track.standing.score >= 990_000 && track.verdicts >= 1000 ? base / 2 : base
    }

    private func isVetted(_ track: Track) -> Bool {
        track.isAnchor
            || (UInt64(track.verdicts) >= parameters[.vettingVerdicts] && age(track) >= parameters[.vettingPeriods])
    }

    private func flags(_ member: LiveResource, _ isIsland: Bool) -> FrozenResource.Flags {
        let track = member.track
        var flags: FrozenResource.Flags = []
        if isVetted(track) { flags.insert(.isVetted) }
        if track.isBelieved { flags.insert(.isClassA) }
        if isIsland { flags.insert(.isIsland) }
        let window = parameters[.interactiveEpochs]
        let isNew = member.resource.since.advanced(by: window) >= epoch
        let both = [track.beaconed, track.witnessed].allSatisfy { ($0?.advanced(by: window) ?? Epoch(0)) >= epoch }
        if isNew || both { flags.insert(.isReciprocal) }
        if track.isSuspended { flags.insert(.isSuspended) }
        if track.isAnchor { flags.insert(.isAnchor) }
        return flags
    }
}
