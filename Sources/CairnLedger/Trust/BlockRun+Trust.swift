import CairnBase
import CairnWire

/// Once a period trust flows anew, from the anchors and from those whom strangers pay, along the seats of the last thirty
/// periods.
extension BlockRun {
    mutating func flowTrust() throws(StateError) {
        let period = parameters.period(of: epoch)
        let since = period - min(period, parameters[.trustPeriods] - 1)
        var members = try liveResources()
        let meetings = try meetings(among: members)
        let edges = meetings.compactMap { meeting -> FlowTrust.Edge? in
            let count = meeting.history.count(since: since)
            return count > 0 ? FlowTrust.Edge(witness: meeting.witness, target: meeting.target, count: count) : nil
        }
        var burned: [UInt64] = []
        for member in members { burned.append(try paidBurn(of: member.resource.index, since: since)) }
        let seeds = FlowTrust.seeds(
            burned: burned, anchors: members.indices.filter { members[$0].track.isAnchor },
            bootstrapPool: try bootstrapPool())
        let trust = FlowTrust.flow(seeds: seeds, edges: edges)
        let captors = FlowTrust.captors(trust, edges: edges, owners: members.map(\.resource.controller))
        for (place, multiplier) in FlowTrust.multipliers(trust).enumerated() {
            (members[place].track.trust, members[place].track.captor) = (multiplier, captors[place])
            state.store(.track(members[place].resource.index), members[place].track)
        }
        try findTwins(members, meetings, since: since)
    }

    /// What proofs of coverage were paid in the same periods: trust from payers is worth as much as it costs.
    private mutating func bootstrapPool() throws(StateError) -> UInt64 {
        var sum: UInt64 = 0
        for profile in [Profile.coverageRadio, .coverageRTT] {
            let recent = try state.load(.funds(profile))?.bootstraps.suffix(Int(clamping: parameters[.trustPeriods]))
            for amount in recent ?? [] { sum = Amount(units: sum).plus(Amount(units: amount)).units }
        }
        return sum
    }

    /// Every resource that is not retired, in the order of ids.
    mutating func liveResources() throws(StateError) -> [LiveResource] {
        var members: [LiveResource] = []
        for page in try numberPages() {
            for number in try state.load(.liveNumbers(page))?.numbers(on: page) ?? [] {
                let id = try state.require(.resourceName(number)).id
                let (resource, track) = (try state.require(.resource(id)), try state.require(.track(number)))
                members.append(LiveResource(id: id, resource: resource, track: track))
            }
        }
        return members.sorted { $0.id < $1.id }
    }
}

struct LiveResource {
    let id: ResourceID
    let resource: Resource
    var track: Track
}

extension FlowTrust {
    /// For each resource the one owner whose resources give it more than half of the trust that reaches it.
    static func captors(_ trust: [UInt64], edges: [Edge], owners: [AccountID]) -> [AccountID?] {
        var heard = [UInt128](repeating: 0, count: trust.count)
        for edge in edges { heard[edge.witness] += UInt128(edge.count) }
        var inbound = [OrderedMap<AccountID, UInt128>](repeating: OrderedMap(), count: trust.count)
        for edge in edges where heard[edge.witness] > 0 {
            let part = UInt128(trust[edge.witness]) * UInt128(edge.count) / heard[edge.witness]
            let owner = owners[edge.witness]
            inbound[edge.target][owner] = (inbound[edge.target][owner] ?? 0) + part
        }
        return inbound.map { shares in
            let all = shares.reduce(UInt128(0)) { $0 + $1.value }
            return shares.first { 2 * $0.value > all }?.key
        }
    }
}
