public import CairnBase
public import CairnWire

/// Collects an identify message from a stream until its end.
///
/// Some stacks cut a long message into several, each behind its length, that add up as protobuf messages do. How many
/// there may be and how long they may be together is limited.
public struct IdentifyReader: Sendable {
    private static let partLimit = 10

    private let limits: Limits.Addresses
    private var frames: FrameReader
    private var parts = 0
    private var bytes: [UInt8] = []
    private var midFrame = false

    public init(limits: Limits.Addresses = Limits.Addresses()) {
        self.limits = limits
        frames = FrameReader(.uvarint, limit: limits.identifyRead)
    }

    public mutating func receive(_ piece: RawSpan) throws(DecodeError) {
        var input = ByteReader(piece)
        while input.remaining > 0 {
            guard let part = try frames.next(from: &input) else {
                midFrame = true
                return
            }
            midFrame = false
            parts += 1
            guard parts <= Self.partLimit, bytes.count + part.count <= limits.identifyRead else {
                throw .tooLarge(size: UInt64(bytes.count + part.count), limit: UInt64(limits.identifyRead))
            }
            bytes.append(contentsOf: part)
        }
    }

    /// The message, once the peer has finished its side of the stream.
    public func finish() throws(DecodeError) -> IdentifyMessage {
        guard parts > 0, !midFrame else { throw .truncated(need: 1, have: 0) }
        return try IdentifyMessage(bytes.span.bytes, limits: limits)
    }
}
