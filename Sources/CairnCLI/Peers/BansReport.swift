import CairnBase
import CairnWire

/// What a node says of its bans at `/v1/bans`.
struct BansReport: Sendable {
    struct Ban: Sendable {
        let subject: String
        let name: String?
        let cause: String
        let note: String
        let until: String
        let left: TimeSpan
        let times: UInt64
    }

    static let unkept = "the node could not write this down: it lasts until the node stops\n"

    let document: JSON
    let bans: [Ban]

    init?(_ document: JSON) {
        guard let list = document["bans"]?.array else { return nil }
        self.document = document
        bans = list.compactMap(Ban.init)
        guard bans.count == list.count else { return nil }
    }

    func find(_ wanted: String) throws(Failure) -> Ban {
        var exact = BanTarget.exact(wanted) ?? wanted
        // An IPv6 address may be banned with its whole /64, which stands under its first address.
        if !bans.contains(where: { $0.subject == exact }), let address = IPAddress(wanted) { exact = "\(address.site)" }
        let matches = bans.filter { ban in
            ban.subject == exact || (ban.name.map { isMeant(wanted, name: $0, id: ban.subject) } ?? false)
        }
        guard let ban = matches.first, matches.count == 1 else {
            let shown = (matches.isEmpty ? bans : matches).prefix(5).map { Hint($0.name ?? "address", $0.subject) }
            throw Failure(
                .notBanned,
                matches.isEmpty
                    ? "\(quoted(wanted)) is not banned" : "\(matches.count) bans are about \(quoted(wanted))",
                found: shown)
        }
        return ban
    }

    func text(_ style: Style, fullIDs: Bool) -> String {
        guard !bans.isEmpty else { return "nobody is banned\n" }
        var table = TextTable(["PEER OR ADDRESS", "CAUSE", "TIMES", "LEFT", "UNTIL", "NOTE"], right: [2, 3])
        for ban in bans {
            table.add([
                ban.shown(fullIDs: fullIDs), ban.cause, "\(ban.times)", ban.left.rough, ban.until, ban.note,
            ])
        }
        return table.text(style)
    }
}

extension BansReport.Ban {
    init?(_ document: JSON) {
        guard let subject = document["subject"]?.string, let cause = document["cause"]?.string,
            let note = document["note"]?.string, let until = document["until"]?.string,
            let left = document["left_ms"]?.integer(UInt64.self), let times = document["times"]?.integer(UInt64.self)
        else { return nil }
        self.init(
            subject: subject, name: document["name"]?.string, cause: cause, note: note, until: until,
            left: .milliseconds(left), times: times)
    }

    func shown(fullIDs: Bool) -> String {
        guard let name else { return subject }
        return "\(name)  \(fullIDs ? subject : shortened(subject))"
    }
}
