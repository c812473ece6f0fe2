internal import CairnBase
internal import CairnWire

/// A session that we answered to and whose other end has shown nothing yet: anybody can write any source on a first message.
/// Until it shows that it read the answer there, it is no peer, nobody is told of it, and nothing more is sent.
struct HalfOpen: Sendable {
    let session: UInt32
    let record: Verified<NodeRecord>
    /// Where the answer went.
    let source: Endpoint
    /// As its first message stated it; one that states no later is a replay.
    let stated: UInt64
}
