public import CairnBase
public import CairnWire

/// Dials back those who ask for it, within limits.
///
/// Only the address that the asker is connected from is ever dialled, so nobody can have somebody else dialled; a node, an
/// address and all together may ask only so often; each question leads to one connection, which ends once the key at its
/// other end is known or has not come in time.
public struct DialBackDesk: ProtocolCore {
    public typealias Input = DialBackInput
    public typealias Effect = DialBackEffect

    private struct Open: Sendable {
        let question: DialBackQuestion
        let asker: NodeID
        let began: Instant
    }

    private struct Use: Sendable {
        let node: NodeID
        let address: IPAddress
        let at: Instant
    }

    public private(set) var refused = [UInt64](repeating: 0, count: DialBackRefusal.allCases.count)
    public private(set) var dialled: UInt64 = 0

    private let node: NodeID
    private let settings: DialBackSettings
    private let calendar: CalendarClock
    private var open = OrderedMap<UInt64, Open>()
    /// What was done within the last minute, oldest first.
    private var uses: [Use] = []
    private var ticket: UInt64 = 0

    public init(
        of node: NodeID, unixMilliseconds: UInt64, settings: DialBackSettings = DialBackSettings(), at now: Instant
    ) {
        self.node = node
        self.settings = settings
        calendar = CalendarClock(unixMilliseconds: unixMilliseconds, at: now)
    }

    /// The number under which the next question is known.
    public var nextTicket: UInt64 { ticket }

    public mutating func handle(_ input: consuming Input, at now: Instant, into effects: inout [Effect]) {
        switch input {
        case .asked(let question, let asker, let source):
            let number = ticket
            ticket &+= 1
            if let refusal = refusal(of: question, by: asker, at: source, now) {
                refused[refusal.rawValue] += 1
                return effects.append(.refuse(number, refusal))
            }
            uses.append(Use(node: asker, address: source, at: now))
            open[number] = Open(question: question, asker: asker, began: now)
            dialled += 1
            effects.append(.dial(number, asker, question.endpoint))
        case .ended(let number, let outcome):
            guard let dial = open.removeValue(forKey: number) else { return }
            let took = UInt32(clamping: now.since(dial.began).milliseconds)
            effects.append(
                .answer(
                    number,
                    DialBackResult.Content(
                        asker: dial.asker, dialler: node, nonce: dial.question.nonce, endpoint: dial.question.endpoint,
                        outcome: outcome, milliseconds: took, time: calendar.seconds(at: now))))
        }
    }

    private mutating func refusal(
        of question: DialBackQuestion, by asker: NodeID, at source: IPAddress, _ now: Instant
    ) -> DialBackRefusal? {
        let endpoint = question.endpoint
        guard endpoint.address == source else { return .foreign }
        guard endpoint.port != 0, endpoint.address.isReachable, asker != node else { return .impossible }
        uses.removeAll { now.since($0.at) >= settings.memory }
        guard open.count < settings.atOnce, uses.count < settings.perMinute else { return .busy }
        if uses.contains(where: { $0.node == asker && now.since($0.at) < settings.pause }) { return .tooOften }
        return uses.count { $0.address == source } < settings.perAddress ? nil : .tooOften
    }
}

/// What happens to a `DialBackDesk`.
public enum DialBackInput: Sendable {
    /// A member asks; it is connected from this address.
    case asked(DialBackQuestion, by: NodeID, at: IPAddress)
    case ended(UInt64, DialBackResult.Outcome)
}

/// What a `DialBackDesk` wants done, under the number of the question.
public enum DialBackEffect: Sendable, Equatable {
    case dial(UInt64, NodeID, Endpoint)
    /// Sign it and send it back.
    case answer(UInt64, DialBackResult.Content)
    case refuse(UInt64, DialBackRefusal)
}

/// Why nobody is dialled.
public enum DialBackRefusal: Int, Sendable, CaseIterable {
    /// Another address than the asker is connected from.
    case foreign
    /// Nobody can be there.
    case impossible
    case tooOften
    case busy
}

/// How much a node does for those who ask.
public struct DialBackSettings: Sendable {
    public var atOnce = 8
    /// All askers together, and those at one address: names are free.
    public var perMinute = 60
    public var perAddress = 8
    public var memory = TimeSpan.seconds(60)
    /// Between two questions of one node.
    public var pause = TimeSpan.seconds(10)

    public init() {}
}
