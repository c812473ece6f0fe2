internal import CairnBase
internal import CairnWire

/// Tells programs what happens, as server-sent events: `curl -N` reads them, and every browser.
///
/// An id is the start of the node and a number. A client that comes back with the last id it saw is sent what it missed,
/// or a `gap` that says how much of it is gone. One that takes less than it is sent gets `overflow` and is let go.
final class EventHub {
    struct Counters {
        var sent: UInt64 = 0
        /// Clients that did not keep up, and those that found no room.
        var overflowed: UInt64 = 0
        var refused: UInt64 = 0
    }

    private struct Listener {
        let stream: HTTPStream
        let topics: [EventTopic]
    }

    private(set) var counters = Counters()
    private let loop: EventLoop
    private let limits: Limits.Interface
    /// Numbers of an earlier run of the node say nothing about this one.
    private let run: UInt64
    private var ring: EventRing
    private var listeners: [UInt64: Listener] = [:]
    private var nextListener: UInt64 = 0
    private var isPinging = false

    /// So that proxies keep the connection open, and a client that vanished is noticed.
    private static let pingTime: TimeSpan = .seconds(15)

    init(on loop: EventLoop, run: UInt64, limits: Limits.Interface) {
        self.loop = loop
        self.run = run
        self.limits = limits
        ring = EventRing(capacity: limits.events)
    }

    var listenerCount: Int { listeners.count }

    func tell(_ topic: EventTopic, _ data: @autoclosure () -> JSON) {
        let event = ring.add(topic, data())
        // In the order in which they came.
        for key in listeners.keys.sorted() where listeners[key]?.topics.contains(topic) == true {
            send(text(of: event), to: key)
        }
    }

    func route() -> HTTPRoute {
        HTTPRoute(
            .get, "/v1/events", answering: "text/event-stream",
            taking: [
                HTTPParameter(
                    "topics", in: .query, example: "block",
                    "Which: \(EventTopic.allCases.map(\.rawValue).joined(separator: ", ")), parted by commas; all unless told"
                )
            ], "What happens, as server-sent events; Last-Event-ID resumes."
        ) { [unowned self] call in reply(to: call) }
    }

    private func reply(to call: HTTPCall) -> HTTPReply {
        let words = call.parameters["topics"]?.split(separator: ",").map(String.init)
        let topics = words?.compactMap(EventTopic.init(rawValue:)) ?? EventTopic.allCases
        guard topics.count == words?.count ?? topics.count else {
            return .now(.problem(.badRequest, code: "bad-parameter", "topics holds something that is no topic"))
        }
        guard listeners.count < limits.listeners else {
            counters.refused += 1
            return .now(.problem(.unavailable, code: "busy", "too many listen already"))
        }
        let last = call.request.fields["last-event-id"]
        return .stream { [unowned self] in open($0, topics, after: last) }
    }

    private func open(_ stream: HTTPStream, _ topics: [EventTopic], after last: String?) {
        nextListener += 1
        let key = nextListener
        listeners[key] = Listener(stream: stream, topics: topics)
        stream.onEnd = { [weak self] in self?.listeners[key] = nil }
        send("retry: 2000\n: \(ring.next - 1) events so far\n\n", to: key)
        if let last { resume(key, topics, after: last) }
        ping()
    }

    private func resume(_ key: UInt64, _ topics: [EventTopic], after last: String) {
        let parts = last.split(separator: "-").map { UInt64($0) }
        guard parts.count == 2, parts[0] == run, let number = parts[1] else {
            return send("event: gap\ndata: {\"missed\":null}\n\n", to: key)
        }
        let (missed, events) = ring.events(after: number)
        if missed > 0 { send("event: gap\ndata: {\"missed\":\(missed)}\n\n", to: key) }
        for event in events where topics.contains(event.topic) { send(text(of: event), to: key) }
    }

    private func text(of event: EventRing.Event) -> String {
        "id: \(run)-\(event.number)\nevent: \(event.topic.rawValue)\ndata: \(event.data.text)\n\n"
    }

    private func send(_ text: String, to key: UInt64) {
        guard let listener = listeners[key] else { return }
        guard !listener.stream.isCongested, listener.stream.send(text) else {
            counters.overflowed += 1
            listener.stream.send("event: overflow\ndata: {}\n\n")
            return listener.stream.finish()
        }
        counters.sent += 1
    }

    private func ping() {
        guard !isPinging, !listeners.isEmpty else { return }
        isPinging = true
        loop.after(Self.pingTime) { [weak self] in
            guard let self else { return }
            isPinging = false
            for key in listeners.keys.sorted() { send(": still here\n\n", to: key) }
            ping()
        }
    }

    func close() {
        for key in listeners.keys.sorted() { listeners[key]?.stream.finish() }
    }
}
