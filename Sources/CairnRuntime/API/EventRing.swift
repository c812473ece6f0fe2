internal import CairnWire

/// What happened lately, numbered, as much as is kept: whoever lost its connection asks for what came after the last
/// number it saw.
struct EventRing {
    struct Event {
        let number: UInt64
        let topic: EventTopic
        let data: JSON
    }

    private let capacity: Int
    private var events: [Event] = []
    /// Where the oldest one stands, once the ring is full.
    private var start = 0
    private(set) var next: UInt64 = 1

    init(capacity: Int) {
        self.capacity = capacity
    }

    mutating func add(_ topic: EventTopic, _ data: JSON) -> Event {
        let event = Event(number: next, topic: topic, data: data)
        next += 1
        if events.count < capacity {
            events.append(event)
        } else {
            events[start] = event
            start = (start + 1) % capacity
        }
        return event
    }

    /// What came after a number, the oldest first, and how many of it are kept no longer.
    func events(after number: UInt64) -> (missed: UInt64, events: [Event]) {
        let wanted = number < next ? number + 1 : next
        let oldest = next - UInt64(events.count)
        let kept = (events[start...] + events[..<start]).filter { $0.number >= wanted }
        return (wanted < oldest ? oldest - wanted : 0, kept)
    }
}

/// What events are about.
enum EventTopic: String, CaseIterable {
    case block, verdict, peer
}
