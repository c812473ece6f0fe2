/// What two simulated sockets say to one another.
public struct SimulatedSegment: Sendable, Equatable, CustomStringConvertible {
    enum Kind: UInt64 {
        /// The dialer wants a connection.
        case open
        /// Bytes, and how many have arrived in order; either may be none.
        case data
        /// The connection does not exist, or no longer.
        case reset
    }

    /// Names the connection for both ends: drawn by the dialer, never again.
    let name: SocketName
    let kind: Kind
    /// Where in the sender's bytes these begin.
    let offset: UInt64
    let acknowledged: UInt64
    let bytes: [UInt8]

    /// Bytes on the wire, with headers as TCP over IP has them.
    public var byteCount: Int { bytes.count + 40 }

    public func absorb(into trace: inout TraceHash) {
        trace.absorb(name.number)
        trace.absorb(kind.rawValue << 48 ^ offset << 24 ^ acknowledged)
        trace.absorb(bytes)
    }

    public var description: String { "\(kind) \(offset)+\(bytes.count) ack \(acknowledged) on \(name)" }
}

/// One connection between two processes.
public struct SocketName: Sendable, Hashable, Comparable, CustomStringConvertible {
    let number: UInt64

    public static func < (left: SocketName, right: SocketName) -> Bool { left.number < right.number }
    public var description: String { "socket \(String(number, radix: 36))" }
}
