internal import CairnBase
public import CairnWire

/// A ban list as bytes: a version, and the bans by whom they are about.
public struct BanListContent: Canonical, Sendable, Equatable {
    public let bans: [Ban]

    private static let version: UInt8 = 1
    public static var byteLimit: Int { 1 + 4 + Limits.Addresses().banned * Ban.longest }

    public init(_ list: BanList) { bans = list.bans.map(\.value) }

    public init(from reader: inout ByteReader) throws(DecodeError) {
        _ = try reader.version(Self.version...Self.version)
        bans = try reader.list(limit: Limits.Addresses().banned)
        for (earlier, later) in zip(bans, bans.dropFirst()) where earlier.subject >= later.subject {
            throw .notCanonical("list of bans")
        }
    }

    public func encode(into writer: inout ByteWriter) {
        writer.u8(Self.version)
        writer.list(bans)
    }
}
