internal import CairnBase
import CairnCrypto
import CairnGossip
import CairnTransport
import CairnWire

/// From sockets to links, and from what links say to what the switchboard is told.
extension PeerNetwork {
    func accept(_ socket: StreamConnection) {
        let id = switchboard.newLink()
        guard case .network(let endpoint) = socket.peer else { return socket.close() }
        arriving[id] = socket
        give(.arrived(id, from: endpoint))
        // Still there unless it was refused: the deadline of its handshake runs from here.
        guard let socket = arriving.removeValue(forKey: id) else { return }
        counters.admitted += 1
        open(id, over: socket, .listener, expecting: nil)
    }

    func carryOut(_ effect: Switchboard.Effect) {
        switch effect {
        case .dial(let id, let address): dial(id, address)
        case .refuse(let id, let refusal):
            counters.refused[refusal.rawValue, default: 0] += 1
            arriving.removeValue(forKey: id)?.close()
        case .close(let id, let parting):
            counters.parted[parting.rawValue, default: 0] += 1
            links[id]?.close(parting.sentence)
        case .connected(let node, let id): connect(node, id)
        case .disconnected(let node): disconnect(node)
        case .setTimer(let instant): loop.at(instant) { [weak self] in self?.give(.timer) }
        }
    }

    private func dial(_ id: LinkID, _ address: PeerAddress) {
        counters.dialled += 1
        do throws(SystemError) {
            let socket = try StreamConnection.connect(
                on: loop, to: address.endpoint, from: source(for: address.endpoint), limits: socketLimits)
            open(id, over: socket, .dialer, expecting: address.node)
        } catch {
            depart(address.node, address.endpoint, "\(error)")
            onAddress?(.failed(address.node))
            give(.ended(id, .broken))
        }
    }

    /// A node that listens at one address of its machine also dials from there: peers count it by its address.
    func source(for endpoint: Endpoint) -> IPAddress? {
        guard let address = listening?.address, !address.isUnspecified,
            (address.v4 == nil) == (endpoint.address.v4 == nil)
        else { return nil }
        return address
    }

    private func open(_ id: LinkID, over socket: StreamConnection, _ role: YamuxSession.Role, expecting: NodeID?) {
        if let gate, case .network(let endpoint) = socket.peer { socket.valve = gate.valve(to: endpoint.address) }
        let setting = setting(for: socket.peer)
        let connection = Connection(
            role, as: identity, ephemeral: .generate(), expecting: expecting, speaking: setting.protocols,
            limits: settings.limits, at: loop.now)
        let session = PeerSession(setting, isDialer: role == .dialer, limits: settings.limits)
        links[id] = PeerLink(
            id, on: loop, over: socket, connection, session, limits: settings.limits,
            hello: { [weak self] in self?.handler?.peerHello },
            handle: { [weak self] link, event in self?.react(to: event, of: link, dialled: expecting) })
    }

    /// What we tell a peer about us, and where we see it come from.
    private func setting(for peer: StreamConnection.Peer) -> PeerSession.Setting {
        var identify = IdentifyMessage(node: identity.node)
        identify.protocolVersion = "cairn/\(PeerHello.version)"
        identify.agentVersion = settings.agent
        if let advertised {
            identify.listenAddresses = [.tcp(advertised)].compactMap(\.self)
            identify.signedRecord = record
        }
        if case .network(let endpoint) = peer { identify.observedAddress = .tcp(endpoint) }
        return PeerSession.Setting(
            identify: identify, kinds: settings.kinds, messageLimit: settings.messageLimit,
            others: services.flatMap(\.protocols))
    }

    private func react(to event: PeerLink.Event, of link: PeerLink, dialled: NodeID?) {
        switch event {
        case .established(let node): establish(link, node)
        case .brokenStreams: if link.peer.map({ connected[$0] === link }) ?? false { offended(.brokenStreams, link) }
        case .session(let event): react(to: event, of: link)
        case .other(let event): _ = services.contains { $0.handle(event, on: link) }
        case .ended(let reason, let ending): end(link, dialled, reason, ending)
        }
    }

    /// The link is authenticated: nobody else can have done it.
    private func offended(_ offence: Offence, _ link: PeerLink) {
        guard let node = link.peer else { return }
        onOffence?(node, offence, link.endpoint?.address)
    }

    private func establish(_ link: PeerLink, _ node: NodeID) {
        counters.established += 1
        if link.isDialer, let endpoint = link.endpoint { onAddress?(.reached(node, at: endpoint)) }
        if links.count > settings.limits.connections.inbound {
            for link in links.values.sorted(by: { $0.id < $1.id }) { give(.measured(link.id, link.merit)) }
        }
        give(.established(link.id, node))
        guard link.reason == nil else { return }
        for service in services { service.linkEstablished(link) }
    }

    private func react(to event: PeerSession.Event, of link: PeerLink) {
        switch event {
        case .introduced:
            counters.introduced += 1
            give(.introduced(link.id))
            guard link.reason == nil else { return }
            for service in services { service.linkIntroduced(link) }
        case .misfit(let reason):
            counters.misfits += 1
            link.close(reason, .misfit)
        case .strange: give(.strange(link.id))
        case .broken(let reason): link.abort(reason)
        case .violated(let violation):
            link.abort(violation.sentence)
            let offence: Offence =
                switch violation {
                case .oversizeMessage: .oversizeMessage
                case .falseKey: .falseKey
                }
            offended(offence, link)
        case .identified: if let node = link.peer, connected[node] === link { onIdentity?(node) }
        case .ponged: break
        case .message(let bytes, _):
            guard let node = link.peer, connected[node] === link else { return }
            handler?.peerSent(node, bytes)
        case .asked(let stream, let name, let bytes):
            guard let node = link.peer, connected[node] === link else { return }
            let question = PeerQuestion(node: node, name: name, bytes: bytes, link: link.id, stream: stream)
            answerers[name].map { $0(question) } ?? handler?.peerAsked(question)
        case .answered(let stream, let status, let bytes):
            conclude(OpenQuestion(link: link.id, stream: stream), .answered(status: status, bytes))
        case .failed(let stream, let failure):
            conclude(OpenQuestion(link: link.id, stream: stream), .failed(failure))
        }
    }

    private func conclude(_ question: OpenQuestion, _ answer: PeerAnswer) {
        guard let done = questions.removeValue(forKey: question) else { return }
        if case .answered = answer {} else { counters.failedQuestions += 1 }
        done(answer)
    }

    private func connect(_ node: NodeID, _ id: LinkID) {
        guard let link = links[id], let hello = link.session.peerHello else { return }
        connected[node] = link
        departures[node] = nil
        log.info(
            "connected",
            [
                "peer": .id(node), "direction": link.isDialer ? "out" : "in", "agent": .text(hello.agent),
                "height": .ordinal(hello.height),
            ])
        if let endpoint = link.endpoint { onAddress?(.joined(node, at: endpoint, isOutbound: link.isDialer)) }
        handler?.peerConnected(node, hello)
    }

    private func disconnect(_ node: NodeID) {
        guard connected.removeValue(forKey: node) != nil else { return }
        onAddress?(.left(node))
        handler?.peerDisconnected(node)
    }

    private func end(_ link: PeerLink, _ dialled: NodeID?, _ reason: String, _ ending: Switchboard.Ending) {
        links[link.id] = nil
        for service in services { service.linkEnded(link) }
        if let dialled, link.peer == nil { onAddress?(.failed(dialled)) }
        give(.ended(link.id, ending))
        let open = questions.keys.filter { $0.link == link.id }.sorted { $0.stream < $1.stream }
        for question in open { conclude(question, .disconnected) }
        if let node = link.peer ?? dialled { depart(node, link.endpoint, reason) }
    }

    /// Remembers and logs how a connection ended, unless there is another with the same peer.
    private func depart(_ node: NodeID, _ endpoint: Endpoint?, _ reason: String) {
        guard !links.values.contains(where: { $0.peer == node && $0.reason == nil }) else { return }
        let isNews = departures[node]?.reason != reason
        if departures[node] == nil, departures.count >= Self.departuresKept {
            let oldest = departures.min { ($0.value.at, $0.key) < ($1.value.at, $1.key) }
            if let oldest { departures[oldest.key] = nil }
        }
        departures[node] = PeerDeparture(reason: reason, at: loop.now, endpoint: endpoint)
        let fields: LogFields = ["peer": .id(node), "reason": .text(reason)]
        if isNews { log.info("not connected", fields) } else { log.debug("not connected", fields) }
    }
}

extension Multiaddr {
    /// The TCP form of an address.
    static func tcp(_ endpoint: Endpoint) -> Multiaddr? {
        let host: Component =
            endpoint.address.v4.map { .ip4(IPv4Address($0)) }
            ?? .ip6(IPv6Address(UInt128(endpoint.address.high) << 64 | UInt128(endpoint.address.low)))
        return try? Multiaddr([host, .tcp(endpoint.port)])
    }
}
