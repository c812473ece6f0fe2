public import CairnBase
public import CairnWire

/// What of a book outlives the process.
extension AddressBook {
    /// Its secret, its anchors and its addresses.
    public var kept: AddressBookContent {
        AddressBookContent(secret: secret, anchors: anchors, entries: entries.map(\.value))
    }

    /// A book as it was kept. Addresses find their places anew; where two want one, the first in order has it.
    public init(
        _ content: AddressBookContent, of node: NodeID, unixMilliseconds: UInt64, random: SeededRandom,
        using hash: Hash, settings: AddressBookSettings = AddressBookSettings(), at now: Instant
    ) {
        self.init(
            of: node, secret: content.secret, unixMilliseconds: unixMilliseconds, random: random, using: hash,
            settings: settings, at: now)
        let time = unix(now)
        for entry in content.entries where entry.node != node && entry.endpoint.port != 0 {
            guard entry.endpoint.address.isReachable, entries[entry.node] == nil else { continue }
            restore(entry, time)
        }
        anchors = content.anchors.filter { entries.contains($0) }
    }

    private mutating func restore(_ entry: AddressEntry, _ time: UInt64) {
        var entry = entry
        // A clock that went back since makes nothing wait for ever.
        entry.lastTry = min(entry.lastTry, time)
        entry.lastReached = min(entry.lastReached, time)
        entry.lastHeard = min(entry.lastHeard, time)
        let place = entry.isTried ? triedPlace(of: entry) : freshPlace(of: entry, source: entry.source)
        guard (entry.isTried ? tried : fresh)[place] == nil else { return }
        entry.places = [place]
        if entry.isTried { tried[place] = entry.node } else { fresh[place] = entry.node }
        entries[entry.node] = entry
    }
}

/// The content of a book as bytes: a version, the secret, the anchors, the addresses by node.
public struct AddressBookContent: Canonical, Sendable, Equatable {
    public let secret: Bytes32
    public let anchors: [NodeID]
    public let entries: [AddressEntry]

    private static let version: UInt8 = 1
    private static let anchorLimit = 8
    private static var entryLimit: Int {
        let limits = Limits.Addresses()
        return (limits.newBuckets + limits.triedBuckets) * limits.bucketSlots
    }
    public static var byteLimit: Int { 1 + 32 + 4 + anchorLimit * 32 + 4 + entryLimit * AddressEntry.longest }

    init(secret: Bytes32, anchors: [NodeID], entries: [AddressEntry]) {
        (self.secret, self.anchors, self.entries) = (secret, anchors, entries)
    }

    public init(from reader: inout ByteReader) throws(DecodeError) {
        _ = try reader.version(Self.version...Self.version)
        secret = try reader.bytes32()
        anchors = try reader.list(limit: Self.anchorLimit) { reader throws(DecodeError) in try reader.identifier() }
        entries = try reader.list(limit: Self.entryLimit)
    }

    public func encode(into writer: inout ByteWriter) {
        writer.u8(Self.version)
        writer.bytes32(secret)
        writer.list(anchors) { $0.identifier($1) }
        writer.list(entries)
    }
}
