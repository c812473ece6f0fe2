import CairnBase
import CairnWire

/// Once a period, after trust has flowed: who is one antenna under several names, by what the believed say that they heard.
/// Chance may make two look alike once; who do so in two periods in a row share one unit.
extension BlockRun {
    mutating func findTwins(_ members: [LiveResource], _ meetings: [Meeting], since: UInt64) throws(StateError) {
        let profile = Profile.coverageRadio
        guard let rules = try state.load(.profile(profile)), rules["twinWitnesses"] > 0 else { return }
        var means: [Twins.Mean] = []
        for meeting in meetings
        where members[meeting.target].resource.offer.profile == profile
            && members[meeting.witness].track.isBelieved
            // Those who share an antenna hear alike whatever they hear: as many voices, they would make twins of others.
            && members[meeting.witness].track.sharing == 1
        {
            let rows = meeting.history.rows.filter { $0.period >= since }.map { ($0.signal, $0.powerStep) }
            guard !rows.isEmpty, UInt64(rows.count) >= rules["twinRows"] else { continue }
            means.append(Twins.Mean(target: meeting.target, witness: meeting.witness, of: rows))
        }
        let twins = Twins(witnesses: Int(clamping: rules["twinWitnesses"]), variance: rules["twinVariance"])
        let alike = twins.lookalikes(means, among: members.count)
        let again = alike.enumerated().map { place, others in
            others.filter { members[place].track.lookalikes.contains(members[$0].resource.index) }
        }
        for (place, sharing) in Twins.sharing(again).enumerated() {
            var track = members[place].track
            track.sharing = sharing
            track.lookalikes = Array(
                alike[place].map { members[$0].resource.index }.sorted().prefix(Track.lookalikesMax))
            guard track.sharing != members[place].track.sharing || track.lookalikes != members[place].track.lookalikes
            else { continue }
            state.store(.track(members[place].resource.index), track)
        }
    }
}
