internal import CairnBase
internal import CairnCrypto
internal import CairnGossip
internal import CairnStorage
internal import CairnWire

/// What a node answers over HTTP about itself. All of it comes from memory: no answer waits for a disk or a peer.
extension NodeShell {
    /// The one table that REST, JSON-RPC, `/v1` and `/openapi.json` are made from.
    var routes: [HTTPRoute] {
        let table = plainRoutes + [events.route()] + cometRoutes.map(\.inEnvelope)
        let methods = JSONRPC(
            routes: (plainRoutes + cometRoutes).filter { $0.name != nil }, limits: configuration.limits.interface)
        let interface =
            table + [
                HTTPRoute(.get, "/v1", "What is served here.") { [unowned self] _ in .json(index) },
                HTTPRoute(.get, "/openapi.json", "The same for programs, as OpenAPI 3.1.") { [unowned self] _ in
                    .json(openAPI)
                },
                HTTPRoute(
                    .post, "/rpc",
                    taking: [HTTPParameter("request", in: .body, isRequired: true, "A request, or a list of them")],
                    "JSON-RPC 2.0: the named lines of this table as methods."
                ) { methods.reply(to: $0) },
            ]
        return interface
    }

    private var plainRoutes: [HTTPRoute] {
        [
            HTTPRoute(.get, "/v1/status", as: "node.status", "The node, its health and its peers.") {
                [unowned self] _ in
                .json(status)
            },
            HTTPRoute(.post, "/v1/stop", as: "node.stop", access: .owner, "Ends the node.") { [unowned self] _ in
                stop("request")
                return .json(["stopping": true], status: .accepted)
            },
            HTTPRoute(
                .get, "/v1/logs", as: "node.logs", access: .owner,
                taking: [
                    HTTPParameter(
                        "from", in: .query, .integer(0...UInt64.max), example: "0", "The number of the first line"),
                    HTTPParameter(
                        "limit", in: .query, .integer(0...UInt64(LogMemory.lineLimit)), "At most so many, the newest"),
                ], "The newest lines of the node's log."
            ) { [unowned self] call in
                let limit = call.parameters["limit"].flatMap { Int($0) } ?? LogMemory.lineLimit
                let (lines, next) = output.kept(
                    from: call.parameters["from"].flatMap { UInt64($0) } ?? 0, limit: limit)
                return .json([
                    "schema": "cairn.log/1", "next": JSON(next), "lines": .array(lines.map { .string($0) }),
                ])
            },
            HTTPRoute(.get, "/health/live", "200 while the loop turns.") { _ in .json(["live": true]) },
            HTTPRoute(.get, "/health/ready", "200 when the node does its work, 503 with reasons when not.") {
                [unowned self] _ in
                let reasons = reasonsNotReady
                let body: JSON = ["ready": .bool(reasons.isEmpty), "reasons": .array(reasons.map { .string($0) })]
                return .json(body, status: reasons.isEmpty ? .ok : .unavailable)
            },
            HTTPRoute(.get, "/metrics", answering: "text/plain", "Counters in the Prometheus text format.") {
                [unowned self] _ in
                collectMetrics()
                return .text(metrics.registry.text, type: "text/plain; version=0.0.4; charset=utf-8")
            },
        ] + peerRoutes + banRoutes + radioRoutes + storageRoutes + faultRoutes + (chain?.routes ?? [])
            + (desk?.routes ?? [])
    }

    private var openAPI: JSON {
        OpenAPI(routes: routes, version: configuration.version, hasToken: configuration.token != nil).document
    }

    private var radioRoutes: [HTTPRoute] {
        guard let gateway else { return [] }
        return [
            HTTPRoute(
                .get, "/v1/radio", as: "node.radio", "The gateways at this node's radio port, and what they heard."
            ) { _ in
                .json(gateway.status)
            },
            HTTPRoute(
                .get, "/v1/radio/packets", as: "node.radio.packets",
                taking: [
                    HTTPParameter(
                        "from", in: .query, .integer(0...UInt64.max), example: "0", "The number of the first packet"),
                    HTTPParameter(
                        "limit", in: .query, .integer(0...UInt64(Limits.Witness().radioPacketsKept)),
                        "At most so many, the newest"),
                ], "What came to the radio port lately: each packet, whether it is ours, and why it was ignored."
            ) { call in
                let kept = Limits.Witness().radioPacketsKept
                return .json(
                    gateway.packets(
                        from: call.parameters["from"].flatMap { UInt64($0) } ?? 0,
                        limit: call.parameters["limit"].flatMap { Int($0) } ?? kept))
            },
        ]
    }

    private var index: JSON {
        .array(
            routes.map { route in
                [
                    "method": .string(route.method.rawValue), "path": .string(route.path),
                    "name": route.name.map { .string($0) } ?? .null, "access": .string("\(route.access)"),
                    "parameters": .array(route.parameters.map { .string($0.name) }),
                    "summary": .string(route.summary),
                ]
            })
    }

    /// The one definition of healthy, for every place that shows it.
    var reasonsNotReady: [String] {
        var reasons: [String] = []
        if isStopping { reasons.append("stopping") }
        if fetcher != nil { reasons.append("fetching-snapshot") }
        if !configuration.peers.isEmpty, mesh?.membership.count(.alive) == 0 { reasons.append("no-peer-alive") }
        if chain?.progress?.isProven == true { reasons.append("catching-up") }
        if let chain, loop.now.since(chain.status.headSince) > Self.stall(at: chain.pace) {
            reasons.append("chain-stands-still")
        }
        return reasons
    }

    /// How long a chain may go without a block before that is a reason for concern: a few leaders who are away, one after
    /// the other, are none.
    private static func stall(at pace: TimeSpan) -> TimeSpan {
        max(.seconds(10), pace * 10)
    }

    private func describe(_ chain: ChainStatus) -> JSON {
        [
            "id": .string(chain.chain.description),
            "validator": .bool(chain.isValidator),
            "voted": .bool(chain.hasVoted),
            "stopped": chain.stopped.map { .string($0) } ?? .null,
            "height": JSON(chain.height.number),
            "epoch": JSON(chain.epoch.number),
            "view": JSON(chain.view.number),
            "committee": JSON(chain.committeeSize),
            "connected": JSON(chain.connected),
            "pool": JSON(chain.poolCount),
            "root": chain.recent.last.map { .string($0.root.description) } ?? .null,
            "still_ms": JSON(loop.now.since(chain.headSince).milliseconds),
            "recent": .array(
                chain.recent.map { ["height": JSON($0.height.number), "block": .string($0.digest.description)] }),
        ]
    }

    var status: JSON {
        let reasons = reasonsNotReady
        return [
            "schema": "cairn.status/1",
            "version": .string(configuration.version),
            "network": .string(configuration.network),
            "node": .string(id.peerID),
            "name": .string(name),
            "pid": JSON(ProcessIdentity.current?.pid ?? 0),
            "home": .string(configuration.home),
            "started": .string(started.wall.rfc3339),
            "uptime_ms": JSON(loop.now.since(started.at).milliseconds),
            "listen": .string(listenEndpoint.description),
            "api": apiEndpoint.map { .string($0.description) } ?? .null,
            "ready": .bool(reasons.isEmpty),
            "reasons": .array(reasons.map { .string($0) }),
            "chain": chain.map { describe($0.status) } ?? .null,
            "snapshot": fetcher.map { describe($0.progress) } ?? .null,
            "sync": chain?.progress?.json ?? .null,
            "clock": clockOffset.json(bound: configuration.limits.connections.clockDifference),
            "evidence": chain.map { describe($0.evidence, seen: $0.contradictions) } ?? .null,
            "damage": chain?.damageStatus ?? .null,
            "storage": pieces.map {
                [
                    "pieces": JSON($0.fill.pieces), "used": JSON($0.fill.offer.used),
                    "capacity": JSON($0.fill.offer.capacity),
                ]
            } ?? .null,
            "rewards": chain?.pay.newest?.json ?? .null,
            "peers": mesh.map { describe($0.membership) } ?? .null,
            "reachability": reachability?.document ?? .null,
            "faults": gate.map { $0.faults.json } ?? .null,
        ]
    }

    var clockOffset: ClockOffset {
        ClockOffset(peers: network?.clockOffsets ?? [], blocks: chain?.blockClock.offsets ?? [])
    }

    /// What is held is null where it cannot be read.
    private func describe(_ evidence: EvidenceKeeper, seen: UInt64) -> JSON {
        [
            "seen": JSON(seen), "held": evidence.held.map { JSON($0) } ?? .null,
            "open": evidence.open.map { JSON($0) } ?? .null,
        ]
    }

    private func describe(_ progress: (done: Int, all: Int)?) -> JSON {
        ["done": JSON(progress?.done ?? 0), "chunks": progress.map { JSON($0.all) } ?? .null]
    }

    /// `view` is equal on nodes that hold the same members, with the same records, as there.
    private func describe(_ membership: Membership) -> JSON {
        [
            "alive": JSON(membership.count(.alive)), "suspect": JSON(membership.count(.suspect)),
            "down": JSON(membership.count(.dead)), "unknown": JSON(membership.count(.known)),
            "view": .string(Blake2b().digest(viewTag, membership.digest.encoded).short),
            "list": .array(membership.members.map { describe($0.value) }),
        ]
    }

    private func describe(_ member: Member) -> JSON {
        [
            "node": .string(member.node.peerID),
            "name": .string(NodeName(of: member.node, using: Blake2b()).description),
            "address": .string(member.endpoint.description),
            "state": .string(member.state.rawValue),
            "configured": .bool(configuration.peers.contains(member.endpoint)),
            "rtt_us": member.roundTrip.map { JSON($0.nanoseconds / 1_000) } ?? .null,
            "last_seen_ms": member.lastProof.map { JSON(loop.now.since($0).milliseconds) } ?? .null,
        ]
    }
}

private let viewTag = DomainTag("cn/view")
