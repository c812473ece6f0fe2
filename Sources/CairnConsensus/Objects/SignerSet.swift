public import CairnWire

/// Which members of a committee signed: a bitmap of exactly ⌈n/8⌉ bytes whose unused bits are zero.
public struct SignerSet: Sendable, Hashable {
    /// The number of seats, not of signers.
    public let size: Int
    let bytes: [UInt8]

    public init(_ signers: [MemberIndex], of size: Int) {
        var bytes = [UInt8](repeating: 0, count: (size + 7) / 8)
        for signer in signers where Int(signer.number) < size {
            bytes[Int(signer.number) / 8] |= 1 << (signer.number % 8)
        }
        self.size = size
        self.bytes = bytes
    }

    public var count: Int { bytes.reduce(0) { $0 + $1.nonzeroBitCount } }

    public func contains(_ index: MemberIndex) -> Bool {
        Int(index.number) < size && bytes[Int(index.number) / 8] & 1 << (index.number % 8) != 0
    }

    /// The signers, lowest first.
    public var indices: [MemberIndex] {
        (0..<size).map { MemberIndex(UInt16($0)) }.filter(contains)
    }
}

extension SignerSet: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        let size = Int(try reader.u16())
        guard size <= ConsensusLimits.committeeMembers else {
            throw .tooLarge(size: UInt64(size), limit: UInt64(ConsensusLimits.committeeMembers))
        }
        let byteCount = (size + 7) / 8
        let span = try reader.take(byteCount)
        // SAFETY: the bytes are copied out before the span ends.
        let bytes = unsafe span.withUnsafeBytes { unsafe [UInt8]($0) }
        if let last = bytes.last, size % 8 != 0, last >> (size % 8) != 0 {
            throw .notCanonical("signer bits beyond the committee")
        }
        self.size = size
        self.bytes = bytes
    }

    public func encode(into writer: inout ByteWriter) {
        writer.u16(UInt16(size))
        writer.raw(bytes)
    }
}
