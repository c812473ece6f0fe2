import CairnBase
import CairnConsensus
import CairnCrypto
import CairnWire

/// What a newcomer needs to join a network, as one word that can be copied: `cairn1…`.
///
/// It names the network and its genesis by hash, the committee that decides now, who to dial first, and until when it
/// holds. It is a hint and no secret: what it names is checked against the hash, and a checksum finds slips.
struct Invitation: Sendable, Equatable {
    let network: String
    let chain: ChainID
    /// Who decided when it was written: the newcomer's node believes no chain that has others there.
    let checkpoint: LightClient.Checkpoint
    let peers: [Peer]
    /// In seconds since 1970; 0 holds for ever.
    let expiry: UInt64

    struct Peer: Sendable, Equatable {
        /// Nil where it is not known who answers there.
        let node: NodeID?
        let endpoint: Endpoint
    }

    static let peersMax = 3
    static let prefix = "cairn1"
    private static let version: UInt8 = 2
    private static let checksum = DomainTag("cn/invite")
    private static let checksumCount = 4
    private static let byteCountMax = 512

    var code: String {
        var writer = ByteWriter()
        writer.u8(Self.version)
        writer.string(network)
        writer.identifier(chain)
        writer.ordinal(checkpoint.epoch)
        writer.identifier(checkpoint.committee)
        writer.u64(expiry)
        writer.list(peers) { writer, peer in
            writer.optional(peer.node) { $0.identifier($1) }
            writer.value(peer.endpoint)
        }
        let bytes = writer.bytes
        return Self.prefix + Base58.encode(bytes + Self.sum(bytes))
    }

    init(
        network: String, chain: ChainID, checkpoint: LightClient.Checkpoint, peers: [Peer], expiry: UInt64
    ) {
        self.network = network
        self.chain = chain
        self.checkpoint = checkpoint
        self.peers = peers
        self.expiry = expiry
    }

    init(code: String) throws(DecodeError) {
        guard code.hasPrefix(Self.prefix) else { throw .invalid("prefix \(Self.prefix)") }
        let all = try Base58.decode(code.dropFirst(Self.prefix.count), limit: Self.byteCountMax)
        guard all.count > Self.checksumCount else { throw .truncated(need: Self.checksumCount + 1, have: all.count) }
        let bytes = Array(all.dropLast(Self.checksumCount))
        guard Array(all.suffix(Self.checksumCount)) == Self.sum(bytes) else { throw .invalid("checksum") }
        var reader = ByteReader(bytes.span.bytes)
        let version = try reader.u8()
        guard version == Self.version else { throw .unknown("version of an invitation", UInt64(version)) }
        let network = try reader.string(limit: 32)
        guard isLabel(network) else { throw .invalid("name of a network") }
        let chain = try reader.identifier(ChainID.self)
        let checkpoint = LightClient.Checkpoint(
            epoch: try reader.ordinal(), committee: try reader.identifier())
        let expiry = try reader.u64()
        let peers = try reader.list(limit: Self.peersMax) { reader throws(DecodeError) in
            Peer(
                node: try reader.optional { reader throws(DecodeError) in try reader.identifier(NodeID.self) },
                endpoint: try reader.value())
        }
        try reader.end()
        self.init(network: network, chain: chain, checkpoint: checkpoint, peers: peers, expiry: expiry)
    }

    private static func sum(_ bytes: [UInt8]) -> [UInt8] {
        var writer = ByteWriter()
        writer.identifier(Blake2b().digest(checksum, bytes))
        return Array(writer.bytes.prefix(checksumCount))
    }
}
