internal import CairnBase
internal import CairnGossip
internal import CairnWire

/// Whom a node has nothing to do with: everything that deals with peers tells of offences and obeys the list.
extension NodeShell {
    func openBans(_ mesh: MeshShell) -> BanShell {
        let bans = BanShell(
            on: loop, at: configuration.home + "/peers.bans", sparing: ChosenPeers(configuration.peers),
            log: output.logger("p2p"))
        bans.onChange = { [unowned self] banned in
            network?.obey(banned)
            mesh.obey(banned)
            addresses?.handle(.banned(banned))
        }
        mesh.onOffence = { [unowned bans] in bans.offended($0, $1, at: nil) }
        network?.onOffence = { [unowned bans] in bans.offended($0, $1, at: $2) }
        pubSub?.onOffence = { [unowned bans] in bans.offended($0, .invalidMessages, at: $1) }
        return bans
    }

    var banRoutes: [HTTPRoute] {
        guard let bans else { return [] }
        return [
            HTTPRoute(.get, "/v1/bans", as: "node.bans", "Whom this node has nothing to do with, why, and until when.")
            {
                [unowned self] _ in
                .json(bans.document(of: id))
            },
            HTTPRoute(
                .post, "/v1/bans", access: .owner,
                taking: [
                    HTTPParameter(
                        "ban", in: .body, isRequired: true,
                        "A JSON object: subject, a peer id or an IP address; seconds; and a note of at most 200 bytes")
                ], "Has nothing to do with a node or an address for so long."
            ) { [unowned self] call in make(call.request.body, bans) },
            HTTPRoute(
                .post, "/v1/bans/lift", access: .owner,
                taking: [HTTPParameter("ban", in: .body, isRequired: true, "A JSON object with the subject")],
                "Ends a ban before its time, and forgets it."
            ) { call in
                guard let document = try? JSONReader.read(call.request.body), let subject = Self.subject(document)
                else {
                    return Self.badBan("the subject is neither a peer id nor an IP address")
                }
                guard bans.lift(subject) else {
                    return .problem(
                        .notFound, code: "not-banned", "this one is not banned", hint: "GET /v1/bans lists who is")
                }
                return .json(["lifted": true, "kept": .bool(bans.isKept)])
            },
        ]
    }

    private func make(_ body: [UInt8], _ bans: BanShell) -> HTTPResponse {
        guard let document = try? JSONReader.read(body), let subject = Self.subject(document) else {
            return Self.badBan("the subject is neither a peer id nor an IP address")
        }
        let longest = BanSettings.ownerLongest.milliseconds / 1_000
        guard let seconds = document["seconds"]?.integer(UInt64.self), (1...longest).contains(seconds) else {
            return Self.badBan("seconds is not a whole number from 1 to \(longest)")
        }
        let note = document["note"]?.string ?? ""
        guard document["note"].map({ $0.string != nil }) ?? true, note.utf8.count <= Ban.noteLimit,
            note.unicodeScalars.allSatisfy({ $0.value >= 0x20 && !(0x7f...0x9f).contains($0.value) })
        else { return Self.badBan("the note is longer than \(Ban.noteLimit) bytes, or not one line of text") }
        if case .node(id) = subject { return Self.badBan("this is the node itself") }
        if case .address(let address) = subject, !address.isReachable {
            return Self.badBan("nobody is at \(address)")
        }
        guard let ban = bans.ban(subject, for: .seconds(seconds), note: note) else {
            return .problem(
                .conflict, code: "too-many-bans", "the list is full of bans like this one",
                hint: "lift those that are not needed any more")
        }
        return .json(["schema": "cairn.ban/1", "ban": bans.json(ban), "kept": .bool(bans.isKept)])
    }

    private static func subject(_ document: JSON) -> BanSubject? {
        document["subject"]?.string.flatMap { BanSubject($0) }
    }

    private static func badBan(_ why: String) -> HTTPResponse {
        .problem(
            .badRequest, code: "bad-ban", why,
            hint: #"{"subject": "12D3KooW… or 192.0.2.1", "seconds": 3600, "note": "why"} is the form"#)
    }
}

extension NodeMetrics {
    func collect(_ shell: BanShell) {
        let counters = shell.list.counters
        for offence in Offence.allCases { bans[offence.name].raise(to: counters.offences[Int(offence.rawValue)]) }
        for (cause, count) in [
            ("owner", counters.owner), ("crowd", counters.crowd), ("lifted", counters.lifted),
            ("refused", counters.refused), ("spared", shell.spared),
        ] { bans[cause].raise(to: count) }
        banSaves["done"].raise(to: shell.saves.done)
        banSaves["joined"].raise(to: shell.saves.joined)
        banned["node"].set(Int64(shell.list.banned.nodes.count))
        banned["address"].set(Int64(shell.list.banned.addresses.count))
    }
}
