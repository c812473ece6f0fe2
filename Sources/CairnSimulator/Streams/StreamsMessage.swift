public import CairnBase

/// What the processes of the streams protocol send: segments, and nothing else.
public struct StreamsMessage: SimulatedMessage, CustomStringConvertible {
    let segment: SimulatedSegment

    public var byteCount: Int { segment.byteCount }
    public func absorb(into trace: inout TraceHash) { segment.absorb(into: &trace) }
    public var description: String { segment.description }
}

/// What a process tells the judge about its streams and requests.
public enum StreamsObservation: Sendable {
    /// A transfer begins: so many bytes that follow from its key.
    case pouring(key: UInt64, count: Int)
    /// Bytes of a transfer arrived on a stream, in order.
    case poured(StreamPlace, from: ProcessID, [UInt8])
    case pouredAll(StreamPlace)
    /// A question that must be answered, or given up, by this reading of the process's clock.
    case asked(StreamPlace, of: ProcessID, [UInt8], deadline: Instant)
    case answered(StreamPlace, [UInt8])
    case gaveUp(StreamPlace)
    case altered(SocketName)
    /// A connection believed something the peer sent.
    case believed(SocketName)
    case ended(SocketName)
    /// Everything that was due by this reading of its clock is done.
    case acted(at: Instant)
}

/// One stream of one connection, as one process sees it.
public struct StreamPlace: Sendable, Hashable, Comparable, CustomStringConvertible {
    let socket: SocketName
    let stream: UInt32

    public static func < (left: StreamPlace, right: StreamPlace) -> Bool {
        (left.socket, left.stream) < (right.socket, right.stream)
    }
    public var description: String { "\(socket) stream \(stream)" }
}
