internal import CairnBase
internal import CairnGossip
internal import CairnWire

/// What travels in a simulated mesh. A sealed datagram carries the record its sender showed when the session was
/// made, and whom it was sealed for: nobody else can open it.
public struct MembershipTraffic: SimulatedMessage, CustomStringConvertible {
    enum Body: Sendable {
        case question
        case answer(NodeRecord)
        case sealed([MembershipMessage], by: NodeRecord, to: NodeID)
    }

    let body: Body

    public var byteCount: Int {
        switch body {
        case .question: 512 + Self.headers
        case .answer(let record): 9 + record.encoded.count + Self.headers
        case .sealed(let messages, _, _):
            (messages.reduce(0) { $0 + 3 + $1.encoded.count } + 15) / 16 * 16 + 29 + Self.headers
        }
    }

    /// IPv4 and UDP.
    private static let headers = 28

    public func absorb(into trace: inout TraceHash) {
        switch body {
        case .question: trace.absorb(1)
        case .answer(let record): trace.absorb(2 ^ record.content.sequence << 2)
        case .sealed(let messages, let record, _):
            trace.absorb(3 ^ record.content.sequence << 2)
            for message in messages {
                for byte in message.encoded { trace.absorb(UInt64(byte)) }
            }
        }
    }

    public var description: String {
        switch body {
        case .question: "question"
        case .answer: "answer"
        case .sealed(let messages, _, _): "\(messages)"
        }
    }
}
