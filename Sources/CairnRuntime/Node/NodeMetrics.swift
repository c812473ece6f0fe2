internal import CairnBase
internal import CairnGossip
internal import CairnTransport

/// What a node counts.
struct NodeMetrics: Sendable {
    let registry = MetricsRegistry()
    let turns: Counter
    let uptime: Gauge
    let processor: Counter
    let memory: Gauge
    let peers: MetricFamily<Gauge>
    let sessions: Counter
    let membership: MetricFamily<Counter>
    let dropped: MetricFamily<Counter>
    let datagrams: MetricFamily<Counter>
    let bytes: MetricFamily<Counter>
    let listeners: Gauge
    let events: MetricFamily<Counter>
    let turnedAway: Counter
    let refusedQuestions: Counter
    let requests: MetricFamily<Counter>
    let connections: MetricFamily<Gauge>
    let dials: Counter
    let arrivals: MetricFamily<Counter>
    let partings: MetricFamily<Counter>
    let refusedMessages: Counter
    let questions: MetricFamily<Counter>
    let heldBytes: Gauge
    let bans: MetricFamily<Counter>
    let banSaves: MetricFamily<Counter>
    let banned: MetricFamily<Gauge>
    let reachability: ReachabilityMetrics
    let nearness: NearnessMetrics
    let published: MetricFamily<Counter>
    let refusedGossip: MetricFamily<Counter>
    let meshes: MetricFamily<Gauge>
    let unserved: MetricFamily<Counter>
    let votesByDatagram: MetricFamily<Counter>
    let pieceAnswers: MetricFamily<Counter>
    let pieceBytes: MetricFamily<Gauge>
    let pieces: Gauge
    let scrubbed: MetricFamily<Counter>
    let custody: CustodyMetrics
    let chain: ChainMetrics
    let audits: MetricFamily<Counter>
    private let build: MetricFamily<Gauge>

    init() {
        build = registry.gauges("cairn_build_info", "Always 1; the version is in the label.", labels: ["version"])
        uptime = registry.gauge("cairn_uptime_seconds", "Seconds since the node started.")
        processor = registry.counter(
            "process_cpu_milliseconds_total", "Time on a core, of the process and of the kernel for it.")
        memory = registry.gauge("process_resident_memory_bytes", "Memory that the process holds.")
        turns = registry.counter("cairn_loop_turns_total", "Turns of the event loop.")
        peers = registry.gauges("cairn_p2p_peers", "Peers by what is known about them.", labels: ["state"])
        sessions = registry.counter("cairn_p2p_sessions_total", "Sealed datagram sessions made.")
        membership = registry.counters(
            "cairn_p2p_membership_total", "What membership did, and what it did not take.", labels: ["event"])
        dropped = registry.counters(
            "cairn_p2p_dropped_datagrams_total", "Datagrams dropped, by reason.", labels: ["reason"])
        datagrams = registry.counters("cairn_p2p_datagrams_total", "Datagrams, by direction.", labels: ["direction"])
        bytes = registry.counters(
            "cairn_p2p_bytes_total", "Datagram payload bytes, by direction.", labels: ["direction"])
        connections = registry.gauges("cairn_p2p_connections", "TCP connections, by phase.", labels: ["phase"])
        dials = registry.counter("cairn_p2p_dials_total", "TCP connections begun.")
        arrivals = registry.counters(
            "cairn_p2p_arrivals_total", "TCP connections accepted: admitted, or refused for a reason.",
            labels: ["verdict"])
        partings = registry.counters(
            "cairn_p2p_partings_total", "Connections that this node decided to end, by reason.", labels: ["reason"])
        refusedMessages = registry.counter(
            "cairn_p2p_refused_messages_total", "Messages not queued because a peer had too much waiting.")
        questions = registry.counters(
            "cairn_p2p_questions_total", "Questions to peers: asked, given up, or left without an answer.",
            labels: ["event"])
        heldBytes = registry.gauge("cairn_p2p_held_bytes", "Bytes held for peers: unread, incomplete or unsent.")
        bans = registry.counters(
            "cairn_p2p_bans_total", "Bans made, lifted, refused or spared, by cause.", labels: ["cause"])
        banSaves = registry.counters("cairn_p2p_ban_saves_total", "Writings of the ban list.", labels: ["kind"])
        banned = registry.gauges("cairn_p2p_banned", "Nodes and addresses that are banned now.", labels: ["kind"])
        (reachability, nearness) = (ReachabilityMetrics(registry), NearnessMetrics(registry))
        published = registry.counters(
            "cairn_pubsub_messages_total", "Published messages, by what became of them.", labels: ["outcome"])
        refusedGossip = registry.counters(
            "cairn_pubsub_refused_total", "What peers said about messages and was not listened to, by reason.",
            labels: ["reason"])
        meshes = registry.gauges("cairn_pubsub_mesh_peers", "Peers in the mesh of a topic.", labels: ["topic"])
        unserved = registry.counters(
            "cairn_p2p_unserved_questions_total",
            "Questions of peers that were not looked up because too much of theirs, or of everybody's, waited.",
            labels: ["about"])
        votesByDatagram = registry.counters(
            "cairn_consensus_datagrams_total", "Votes and small proposals in datagrams, by direction.",
            labels: ["direction"])
        listeners = registry.gauge("cairn_events_listeners", "Clients that listen to events.")
        events = registry.counters(
            "cairn_events_total", "Events: sent, given up for a client that is too slow, or refused to one too many.",
            labels: ["outcome"])
        turnedAway = registry.counter(
            "cairn_http_turned_away_total",
            "Requests over TCP that were not looked at: wrong host or origin, no token, too many.")
        refusedQuestions = registry.counter(
            "cairn_http_refused_questions_total", "Questions about the chain that found too many waiting.")
        pieceAnswers = registry.counters(
            "cairn_storage_answers_total", "Answers to questions about pieces, by status.", labels: ["status"])
        pieceBytes = registry.gauges(
            "cairn_storage_bytes", "What may be kept for others, and what is.", labels: ["kind"])
        pieces = registry.gauge("cairn_storage_pieces", "Pieces kept for others.")
        scrubbed = registry.counters(
            "cairn_storage_scrubbed_total", "Pieces compared with their names, by what was found.", labels: ["found"])
        custody = CustodyMetrics(registry)
        chain = ChainMetrics(registry)
        audits = registry.counters(
            "cairn_storage_audits_total", "As a witness: providers asked for a shard or a walk, by what they showed.",
            labels: ["result"])
        requests = registry.counters("cairn_http_requests_total", "HTTP answers, by status.", labels: ["code"])
    }

    func setVersion(_ version: String) {
        build[version].set(1)
    }
}

extension NodeMetrics {
    /// What publishing has counted so far.
    func collect(_ pubSub: PubSubShell) {
        let counters = pubSub.core.counters
        for (outcome, count) in [
            ("published", counters.published), ("accepted", counters.accepted), ("ignored", counters.ignored),
            ("rejected", counters.rejected), ("forged", counters.forged), ("duplicate", counters.duplicates),
            ("forwarded", counters.forwarded), ("served", counters.served), ("unsent", pubSub.unsent),
            ("forgotten", pubSub.core.forgottenEarly),
        ] { published[outcome].raise(to: count) }
        for (reason, count) in [
            ("foreign", counters.foreign), ("echo", counters.echoes), ("crowded", counters.crowded),
            ("unreadable", counters.unreadable), ("graylisted", counters.graylisted),
            ("malformed", counters.malformed), ("excess", counters.excess),
            ("offered-peers", counters.offeredPeers), ("announcement", counters.ignoredAnnouncements),
            ("request", counters.ignoredRequests), ("refusal", counters.ignoredRefusals),
            ("early-graft", counters.earlyGrafts), ("broken-promise", counters.brokenPromises),
        ] { refusedGossip[reason].raise(to: count) }
        for topic in pubSub.core.knownTopics { meshes[topic.name].set(Int64(pubSub.core.mesh(of: topic).count)) }
    }

    /// What the mesh has counted so far.
    func collect(_ mesh: MeshShell) {
        for state in Member.State.allCases {
            peers[state.rawValue].set(Int64(mesh.membership.count(state)))
        }
        let probing = mesh.membership.counters
        membership["probe"].raise(to: probing.probes)
        membership["failed-probe"].raise(to: probing.failedProbes)
        membership["suspicion"].raise(to: probing.suspicions)
        membership["death"].raise(to: probing.deaths)
        membership["refutation"].raise(to: probing.refutations)
        membership["unheeded"].raise(to: probing.unheeded)
        membership["refused-record"].raise(to: probing.refusedRecords)
        membership["overtold"].raise(to: probing.overtold)
        let plane = mesh.plane.counters
        sessions.raise(to: plane.sessions)
        dropped["malformed"].raise(to: plane.malformed + mesh.malformed)
        dropped["unknown"].raise(to: plane.unknown)
        dropped["replayed"].raise(to: plane.replayed)
        dropped["forged"].raise(to: plane.forged)
        dropped["network"].raise(to: plane.foreign)
        dropped["rate"].raise(to: plane.limited)
        dropped["undeliverable"].raise(to: plane.undeliverable)
        dropped["full"].raise(to: plane.full)
        dropped["banned"].raise(to: plane.banned)
        votesByDatagram["in"].raise(to: mesh.votes.heard)
        votesByDatagram["out"].raise(to: mesh.votes.sent)
        votesByDatagram["repeated"].raise(to: mesh.votes.repeated)
        let socket = mesh.socketCounters
        datagrams["in"].raise(to: socket.received)
        datagrams["out"].raise(to: socket.sent)
        bytes["in"].raise(to: socket.receivedBytes)
        bytes["out"].raise(to: socket.sentBytes)
        dropped["oversize"].raise(to: socket.oversize)
        dropped["send-queue"].raise(to: socket.queueFull)
        dropped["kernel"].raise(to: socket.refused)
    }
}
