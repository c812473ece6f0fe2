public import CairnBase
import CairnWire

/// A block as the store keeps it: the fields people and queries need, and the bytes as consensus made them.
public struct StoredBlock: Sendable, Equatable {
    public var height: Height
    public var epoch: Epoch
    public var view: View
    /// Milliseconds since 1970.
    public var time: UInt64
    public var proposer: AccountID
    public var digest: Digest
    public var parent: Digest
    public var header: [UInt8]
    public var payload: [UInt8]
    /// The finalization certificate; empty where a later block's covers this one.
    public var certificate: [UInt8]

    public init(
        height: Height, epoch: Epoch, view: View, time: UInt64, proposer: AccountID, digest: Digest, parent: Digest,
        header: [UInt8], payload: [UInt8], certificate: [UInt8]
    ) {
        self.height = height
        self.epoch = epoch
        self.view = view
        self.time = time
        self.proposer = proposer
        self.digest = digest
        self.parent = parent
        self.header = header
        self.payload = payload
        self.certificate = certificate
    }

    /// What stands at height 0: the canonical genesis as the payload of a block that nobody proposed.
    static func genesis(_ chain: ChainID, _ genesis: [UInt8], time: UInt64) -> StoredBlock {
        StoredBlock(
            height: .genesis, epoch: Epoch(0), view: View(0), time: time, proposer: AccountID(.zero),
            digest: Digest(chain.raw), parent: .zero, header: [], payload: genesis, certificate: [])
    }

    /// Everything in the row, in one unambiguous string of bytes.
    func checkedBytes(root: Digest) -> [UInt8] {
        var writer = ByteWriter(capacity: 192 + header.count + payload.count + certificate.count)
        writer.ordinal(height)
        writer.ordinal(epoch)
        writer.ordinal(view)
        writer.u64(time)
        writer.identifier(proposer)
        writer.identifier(digest)
        writer.identifier(parent)
        writer.identifier(root)
        writer.bytes(header)
        writer.bytes(payload)
        writer.bytes(certificate)
        return writer.bytes
    }
}

/// The newest committed block.
public struct ChainHead: Sendable, Equatable {
    public let height: Height
    public let digest: Digest
    public let root: Digest

    public init(height: Height, digest: Digest, root: Digest) {
        self.height = height
        self.digest = digest
        self.root = root
    }
}
