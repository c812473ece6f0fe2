/// An Ed25519 signature: the encoded point R, then the scalar S.
@frozen
public struct Signature: Sendable, Hashable {
    public let r: Bytes32
    public let s: Bytes32

    public static let count = 64

    @inlinable
    public init(r: Bytes32, s: Bytes32) {
        self.r = r
        self.s = s
    }

    /// Reads exactly 64 bytes; any other length is refused.
    @inlinable
    public init?(_ bytes: RawSpan) {
        guard bytes.byteCount == Self.count, let r = Bytes32(bytes.extracting(0..<32)),
            let s = Bytes32(bytes.extracting(32..<64))
        else { return nil }
        self.init(r: r, s: s)
    }

    @inlinable
    public init?(_ bytes: [UInt8]) {
        self.init(bytes.span.bytes)
    }

    @inlinable
    public func append(to bytes: inout [UInt8]) {
        r.append(to: &bytes)
        s.append(to: &bytes)
    }

    @inlinable
    public var bytes: [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(Self.count)
        append(to: &result)
        return result
    }
}

extension Signature: CustomStringConvertible {
    public var description: String { hex(bytes) }
}
