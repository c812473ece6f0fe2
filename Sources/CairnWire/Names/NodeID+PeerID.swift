public import CairnBase

/// A node as a libp2p peer id: the identity multihash of the protobuf of its Ed25519 public key.
///
/// Every other key type and hash is refused before anything is computed with it: an oversized RSA key cannot cost us
/// more than the bytes it came in.
extension NodeID {
    /// Multihash 0 (identity), 36 bytes; PublicKey { 1: type = 1 (Ed25519), 2: data = 32 bytes }.
    private static let peerIDHead: [UInt8] = [0x00, 0x24, 0x08, 0x01, 0x12, 0x20]
    /// CID version 1, codec 0x72 (libp2p-key).
    private static let cidHead: [UInt8] = [0x01, 0x72]

    public static let peerIDCount = 38

    public var peerIDBytes: [UInt8] { Self.peerIDHead + raw.bytes }

    public init(peerID bytes: [UInt8]) throws(DecodeError) {
        guard bytes.count == Self.peerIDCount, bytes.starts(with: Self.peerIDHead),
            let raw = Bytes32(Array(bytes.dropFirst(Self.peerIDHead.count)))
        else { throw .invalid("Ed25519 peer id") }
        self.init(raw)
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
