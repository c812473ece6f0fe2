/// The frame of the Semtech UDP packet-forwarder protocol: version, token, kind, for a gateway's messages its hardware
/// number, and for some a JSON text.
///
/// Sources: the protocol texts v1.4 (packet_forwarder) and v1.6 (sx1302_hal) and the behaviour of the forwarders.
public struct ForwarderDatagram: Sendable, Hashable {
    public enum Kind: UInt8, Sendable, CaseIterable {
        case pushData = 0
        case pushAck = 1
        case pullData = 2
        case pullResponse = 3
        case pullAck = 4
        case sendAck = 5

        /// Whether a gateway sends it, and so names itself.
        var comesFromGateway: Bool { self == .pushData || self == .pullData || self == .sendAck }
    }

    /// 1 or 2.
    public let version: UInt8
    public let token: UInt16
    public let kind: Kind
    /// Of the gateway, for what comes from one.
    public let eui: UInt64
    public let text: [UInt8]

    private static let headCount = 4
    private static let euiCount = 8

    public init(version: UInt8 = 2, token: UInt16, kind: Kind, eui: UInt64 = 0, text: [UInt8] = []) {
        self.version = version
        self.token = token
        self.kind = kind
        self.eui = kind.comesFromGateway ? eui : 0
        self.text = text
    }

    /// Nil for what is no datagram of the protocol.
    public init?(_ bytes: RawSpan) {
        // SAFETY: every offset is checked against the count before it is read.
        func byte(_ index: Int) -> UInt8 { unsafe bytes.unsafeLoad(fromByteOffset: index, as: UInt8.self) }
        guard bytes.byteCount >= Self.headCount, (1...2).contains(byte(0)), let kind = Kind(rawValue: byte(3)) else {
            return nil
        }
        version = byte(0)
        // The token is echoed and never counted with; it is read as the bytes stand.
        token = UInt16(byte(1)) << 8 | UInt16(byte(2))
        self.kind = kind
        var start = Self.headCount
        var eui: UInt64 = 0
        if kind.comesFromGateway {
            start += Self.euiCount
            guard bytes.byteCount >= start else { return nil }
            for index in Self.headCount..<start { eui = eui << 8 | UInt64(byte(index)) }
        }
        self.eui = eui
        // SAFETY: the borrowed bytes are copied before the closure returns.
        text = unsafe bytes.extracting(droppingFirst: start).withUnsafeBytes { unsafe [UInt8]($0) }
    }

    public var bytes: [UInt8] {
        var bytes: [UInt8] = [version, UInt8(token >> 8), UInt8(token & 0xff), kind.rawValue]
        if kind.comesFromGateway {
            for shift in stride(from: 56, through: 0, by: -8) {
                bytes.append(UInt8(truncatingIfNeeded: eui >> UInt64(shift)))
            }
        }
        return bytes + text
    }
}
