public import CairnBase
public import CairnWire

/// Where a node stands: it heads every message, so that whoever is ahead can help and whoever is behind can ask.
public struct ChainPosition: Sendable, Hashable, Canonical {
    public let epoch: Epoch
    public let view: View
    /// The last finalized view of the epoch.
    public let floor: View

    public init(epoch: Epoch, view: View, floor: View) {
        self.epoch = epoch
        self.view = view
        self.floor = floor
    }

    public init(from reader: inout ByteReader) throws(DecodeError) {
        epoch = try reader.ordinal()
        view = try reader.ordinal()
        floor = try reader.ordinal()
    }

    public func encode(into writer: inout ByteWriter) {
        writer.ordinal(epoch)
        writer.ordinal(view)
        writer.ordinal(floor)
    }
}
