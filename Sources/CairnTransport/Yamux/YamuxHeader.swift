/// The twelve bytes before every yamux frame, in network byte order.
///
/// The meaning of `length` depends on the kind: bytes that follow, a window increase, a ping value, or an error code.
struct YamuxHeader: Equatable {
    enum Kind: UInt8 {
        case data = 0
        case windowUpdate = 1
        case ping = 2
        case goAway = 3
    }

    struct Flags: OptionSet {
        let rawValue: UInt16

        static let syn = Flags(rawValue: 1)
        static let ack = Flags(rawValue: 2)
        static let fin = Flags(rawValue: 4)
        static let rst = Flags(rawValue: 8)
        static let known: Flags = [.syn, .ack, .fin, .rst]
    }

    static let count = 12

    var kind: Kind
    var flags: Flags
    var stream: UInt32
    var length: UInt32

    init(_ kind: Kind, _ flags: Flags = [], stream: UInt32, length: UInt32) {
        self.kind = kind
        self.flags = flags
        self.stream = stream
        self.length = length
    }

    /// Parses a header; an unknown version, kind or flag is a violation of the protocol.
    init?(_ bytes: RawSpan) {
        guard bytes.byteCount == Self.count else { return nil }
        let version = Self.octet(bytes, 0)
        guard version == 0, let kind = Kind(rawValue: Self.octet(bytes, 1)) else { return nil }
        let flags = Flags(rawValue: UInt16(Self.octet(bytes, 2)) << 8 | UInt16(Self.octet(bytes, 3)))
        guard flags.isSubset(of: .known) else { return nil }
        self.init(kind, flags, stream: Self.word(bytes, at: 4), length: Self.word(bytes, at: 8))
    }

    func append(to bytes: inout [UInt8]) {
        bytes.append(0)
        bytes.append(kind.rawValue)
        bytes.append(UInt8(truncatingIfNeeded: flags.rawValue >> 8))
        bytes.append(UInt8(truncatingIfNeeded: flags.rawValue))
        for shift in [24, 16, 8, 0] as [UInt32] { bytes.append(UInt8(truncatingIfNeeded: stream >> shift)) }
        for shift in [24, 16, 8, 0] as [UInt32] { bytes.append(UInt8(truncatingIfNeeded: length >> shift)) }
    }

    private static func octet(_ bytes: RawSpan, _ offset: Int) -> UInt8 {
        // SAFETY: the byte count was checked to be twelve; the load checks its bounds once more.
        unsafe bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
    }

    private static func word(_ bytes: RawSpan, at offset: Int) -> UInt32 {
        // SAFETY: as above; four bytes at offset 4 or 8 of twelve.
        UInt32(bigEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }
}
