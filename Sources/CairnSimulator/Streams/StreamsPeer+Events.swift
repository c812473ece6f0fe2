import CairnBase
import CairnTransport
import CairnWire

/// What an honest node does about what happens on its connections.
extension StreamsPeer {
    mutating func react(
        to event: StreamPlane.Event, at now: Instant, into events: inout [StreamPlane.Event],
        _ effects: inout [StreamsProcess.Effect]
    ) {
        switch event {
        case .accepted(let name, _): begin(name)
        case .altered(let name):
            effects.append(.observe(.altered(name)))
            effects.append(.note("streams.altered-bytes", 1))
        case .ended(let name): end(name, at: now, &effects)
        case .connection(let name, let event):
            switch event {
            case .established, .opened, .agreed, .received, .finished: effects.append(.observe(.believed(name)))
            case .closed, .roundTrip, .failed: break
            }
            react(to: event, on: name, at: now, into: &events, &effects)
        }
    }

    private mutating func react(
        to event: Connection.Event, on name: SocketName, at now: Instant, into events: inout [StreamPlane.Event],
        _ effects: inout [StreamsProcess.Effect]
    ) {
        if case .established = event {
            begin(name)
            established.append(name)
            effects.append(.note("streams.connections", 1))
        }
        var told: [Requests.Event] = []
        let isClaimed = plane.perform(name, into: &events) { connection, more in
            requests.mutate(name) { $0.handle(event, on: &connection, at: now, into: &told, more: &more) } ?? false
        }
        for event in told { react(to: event, on: name, at: now, into: &events, &effects) }
        guard isClaimed != true else { return }
        switch event {
        case .opened(let id, Self.pour.name):
            guard let peer = plane.links[name]?.peer else { return }
            arrivals[StreamPlace(socket: name, stream: id.number)] = Arrival(id: id, from: peer)
        case .received(let id, let bytes): take(bytes, id, on: name, into: &events, &effects)
        case .finished(let id):
            let place = StreamPlace(socket: name, stream: id.number)
            if arrivals.contains(place) { effects.append(.observe(.pouredAll(place))) }
            _ = plane.perform(name, into: &events) { connection, _ in connection.finish(id) }
        case .closed(let id):
            let place = StreamPlace(socket: name, stream: id.number)
            arrivals[place] = nil
            pours.removeAll { $0.place == place }
        case .failed: effects.append(.note("streams.failures", 1))
        default: break
        }
    }

    private mutating func begin(_ name: SocketName) {
        if requests[name] == nil { requests[name] = Requests(of: [Self.question]) }
    }

    private mutating func take(
        _ bytes: [UInt8], _ id: StreamID, on name: SocketName, into events: inout [StreamPlane.Event],
        _ effects: inout [StreamsProcess.Effect]
    ) {
        let place = StreamPlace(socket: name, stream: id.number)
        guard let arrival = arrivals[place] else { return }
        effects.append(.observe(.poured(place, from: arrival.from, bytes)))
        arrivals.mutate(place) { $0.held += bytes.count }
        if !isSlow { consumeHeld(into: &events) }
    }

    mutating func consumeHeld(into events: inout [StreamPlane.Event]) {
        for (place, arrival) in arrivals where arrival.held > 0 {
            _ = plane.perform(place.socket, into: &events) { connection, more in
                connection.consume(arrival.id, arrival.held, into: &more)
            }
            arrivals.mutate(place) { $0.held = 0 }
        }
    }

    mutating func react(
        to event: Requests.Event, on name: SocketName, at now: Instant, into events: inout [StreamPlane.Event],
        _ effects: inout [StreamsProcess.Effect]
    ) {
        switch event {
        case .asked(let id, _, let question):
            _ = plane.perform(name, into: &events) { connection, more in
                requests.mutate(name) {
                    $0.answer(id, Self.answer(to: question), on: &connection, more: &more)
                }
            }
        case .answered(let id, _, let answer):
            let place = StreamPlace(socket: name, stream: id.number)
            open.remove(place)
            effects.append(.observe(.answered(place, answer)))
            effects.append(.note("streams.answers", 1))
        case .failed(let id, _):
            let place = StreamPlace(socket: name, stream: id.number)
            open.remove(place)
            effects.append(.observe(.gaveUp(place)))
        }
    }

    /// With the connection go its streams; what was asked over it is given up.
    private mutating func end(_ name: SocketName, at now: Instant, _ effects: inout [StreamsProcess.Effect]) {
        effects.append(.observe(.ended(name)))
        requests[name] = nil
        established.removeAll { $0 == name }
        pours.removeAll { $0.place.socket == name }
        for place in arrivals.map(\.key) where place.socket == name { arrivals[place] = nil }
        guard bug != .forgetQuestions else { return }
        for place in Array(open) where place.socket == name {
            open.remove(place)
            effects.append(.observe(.gaveUp(place)))
        }
    }
}
