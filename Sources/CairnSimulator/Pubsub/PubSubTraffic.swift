import CairnBase

/// What travels between simulated pub/sub nodes.
public struct PubSubTraffic: SimulatedMessage, CustomStringConvertible {
    let segment: SimulatedSegment

    public var byteCount: Int { segment.byteCount }
    public func absorb(into trace: inout TraceHash) { segment.absorb(into: &trace) }
    public var description: String { "\(segment)" }
}
