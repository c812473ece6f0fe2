import CairnBase
import CairnRuntime
import CairnWire

extension Command {
    private static let span = Flag.span("for", "24h", "How long, 24h unless given; at most 8760h")
    private static let note = Flag.text("note", "TEXT", "Why, for whoever looks later")

    static let peersBans = Command(
        path: ["peers", "bans"],
        summary: "List whom a running node has nothing to do with",
        text: [
            "A banned peer is not let in, not dialled, no member, and not in the address book; nor is anybody at a banned "
                + "address. Bans outlive a restart.",
            "Some are the operator's. The others follow from what no honest peer does: messages that do not hold, forged records, "
                + "messages longer than may be, broken streams, a false key. The first lasts an hour, the second a day, every "
                + "further one a week; peers that p2p.peers names are spared. An address is banned for an hour when three names at it "
                + "were (crowd).",
        ],
        examples: [
            Example("cairn peers bans", "Lists the bans of the node of this user, those that end last first."),
            Example("cairn --node n1 peers bans --json", "Lists those of node n1, for a script."),
        ],
        exits: [.failed, .unreachable, .timedOut],
        run: { session throws(Failure) in
            let report = try NodeFinder(session).find().bans()
            session.answer(
                (report.document.object ?? []).filter { $0.key != "schema" },
                report.text(session.style, fullIDs: session.showsFullIDs))
            return .ok
        })

    static let peersBan = Command(
        path: ["peers", "ban"],
        summary: "Have a running node deal with a peer or an address no more",
        text: [
            "Its connection ends, and until the ban does it is neither let in nor dialled, over TCP and UDP. An IP address bans whoever "
                + "is there, which may be many. A ban of one that is banned already takes the place of the other."
        ],
        arguments: [
            Argument(
                name: "PEER", summary: "A peer's name, address or id from cairn peers, any peer id, or an IP address",
                value: .text("PEER"))
        ],
        flags: [span.declaration, note.declaration],
        examples: [
            Example("cairn peers ban mystic-chalk-jaguar", "Bans a peer for a day."),
            Example("cairn peers ban 192.0.2.7 --for 1h --note floods", "Bans whoever is at an address for an hour."),
        ],
        exits: [.failed, .unreachable, .notFound, .refused, .timedOut],
        run: { session throws(Failure) in
            let client = try NodeFinder(session).find()
            let wanted = session.invocation.argument(0) ?? ""
            let subject: String
            if let exact = BanTarget.exact(wanted) {
                subject = exact
            } else {
                subject = try known(wanted, client).node
            }
            let answer = try client.ban(
                subject, for: session.invocation[span] ?? .seconds(24 * 3_600), note: session.invocation[note] ?? "")
            guard let document = answer["ban"], let ban = BansReport.Ban(document) else {
                throw client.strange("/v1/bans lacks a field")
            }
            let isKept = answer["kept"]?.bool ?? false
            session.answer(
                [.init("ban", document), .init("kept", .bool(isKept))],
                "banned  \(ban.shown(fullIDs: true))  until \(ban.until)\n" + (isKept ? "" : BansReport.unkept))
            return .ok
        })

    static let peersUnban = Command(
        path: ["peers", "unban"],
        summary: "Take a ban back, with what is remembered of it",
        text: [
            "The peer may come at once, and is dialled again as it is heard of. A further offence counts as its first."
        ],
        arguments: [
            Argument(
                name: "PEER", summary: "A name or the start of an id from cairn peers bans, or an IP address",
                value: .text("PEER"))
        ],
        examples: [
            Example("cairn peers unban mystic-chalk-jaguar", "Takes the ban of a peer back."),
            Example("cairn peers unban 192.0.2.7 --json", "Takes that of an address back, for a script."),
        ],
        exits: [.failed, .unreachable, .notFound, .timedOut],
        run: { session throws(Failure) in
            let client = try NodeFinder(session).find()
            let wanted = session.invocation.argument(0) ?? ""
            let ban = try client.bans().find(wanted)
            let answer = try client.unban(ban.subject)
            let isKept = answer["kept"]?.bool ?? false
            session.answer(
                [.init("subject", .string(ban.subject)), .init("kept", .bool(isKept))],
                "no longer banned  \(ban.shown(fullIDs: true))\n" + (isKept ? "" : BansReport.unkept))
            return .ok
        })
}

/// Whom a ban is about, as people write it.
enum BanTarget {
    /// What needs no list of peers to be understood.
    static func exact(_ text: String) -> String? {
        if let node = try? NodeID(peerID: text) { return node.peerID }
        return IPAddress(text).map { "\($0)" }
    }
}

extension NodeClient {
    fileprivate func ban(_ subject: String, for span: TimeSpan, note: String) throws(Failure) -> JSON {
        try order(
            "/v1/bans",
            ["subject": .string(subject), "seconds": JSON(span.milliseconds / 1_000), "note": .string(note)],
            orElse: .banRefused)
    }

    fileprivate func unban(_ subject: String) throws(Failure) -> JSON {
        try order("/v1/bans/lift", ["subject": .string(subject)], orElse: .notBanned)
    }

    /// What the node may refuse, in its own words.
    private func order(_ target: String, _ body: JSON, orElse code: ErrorCode) throws(Failure) -> JSON {
        let answer = try exchange(.post, target, body: Array(body.text.utf8))
        let document = try document(answer)
        guard answer.status == 200 else {
            throw Failure(code, document["detail"]?.string ?? "the node answered \(answer.status)")
        }
        return document
    }
}
