public import CairnBase

/// A node as a libp2p peer id: the identity multihash of the protobuf of its Ed25519 public key.
///
/// Every other key type and hash is refused before anything is computed with it: an oversized RSA key cannot cost us
/// more than the bytes it came in.
extension NodeID {
    /// Multihash 0 (identity) of 36 bytes.
    private static let multihashHead: [UInt8] = [0x00, 0x24]
    /// CID version 1, codec 0x72 (libp2p-key).
    private static let cidHead: [UInt8] = [0x01, 0x72]

    public static let peerIDCount = 38

    public var peerIDBytes: [UInt8] { Self.multihashHead + key.protobuf }

    public init(peerID bytes: [UInt8]) throws(DecodeError) {
        guard bytes.count == Self.peerIDCount, bytes.starts(with: Self.multihashHead) else {
            throw .invalid("Ed25519 peer id")
        }
        let message = bytes.span.bytes.extracting(droppingFirst: Self.multihashHead.count)
        self.init(try PublicKey(protobuf: message))
    }

    /// The canonical text, `12D3KooW…`.
    public var peerID: String { Base58.encode(peerIDBytes) }

    /// Parses a peer id in base58btc, or as a CIDv1 in base32 (`bafzaa…`).
    public init(peerID text: some StringProtocol) throws(DecodeError) {
        try self.init(peerID: try Self.multihash(text))
    }

    private static func multihash(_ text: some StringProtocol) throws(DecodeError) -> [UInt8] {
        guard text.utf8.first == UInt8(ascii: "b") else { return try Base58.decode(text, limit: peerIDCount) }
        let cid = try Base32.decode(text.dropFirst(), limit: cidHead.count + peerIDCount)
        guard cid.starts(with: cidHead) else { throw .invalid("peer id CID") }
        return Array(cid.dropFirst(cidHead.count))
    }
}
