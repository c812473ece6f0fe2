public import CairnBase

/// A node's signed statement of where datagrams reach it and with which key they are sealed.
///
/// Of two records of a node the one with the higher sequence counts. A record makes an address *known*; only an answer
/// from there makes it live. It is no longer than 199 bytes, so that a stranger may be given ours.
public struct NodeRecord: SignedContent, Hashable {
    public let content: Content
    public let signature: Signature

    public static let domainTag = DomainTag("cn/record")
    public static let longest = Content.longest + Signature.count

    public init(_ content: Content, signature: Signature) {
        self.content = content
        self.signature = signature
    }

    public var node: NodeID { content.node }
}

extension NodeRecord {
    /// Everything but the signature, which covers it.
    public struct Content: Canonical, Sendable, Hashable {
        /// The first bytes of the chain id: a foreign network is told from a forged signature before any is checked.
        public let network: UInt32
        public let node: NodeID
        /// An X25519 key, fresh per process and never the identity key.
        public let datagramKey: Bytes32
        public let sequence: UInt64
        /// Where the node says it listens; possibly nowhere, when it does not know.
        public let addresses: [Endpoint]

        public static let version: UInt8 = 1
        public static let addressLimit = Limits.Membership().addressesPerRecord
        static let longest = 1 + 4 + 32 + 32 + 8 + 1 + addressLimit * 19

        public init(chain: ChainID, node: NodeID, datagramKey: Bytes32, sequence: UInt64, addresses: [Endpoint]) {
            network = Self.network(of: chain)
            self.node = node
            self.datagramKey = datagramKey
            self.sequence = sequence
            self.addresses = Array(addresses.prefix(Self.addressLimit))
        }

        public static func network(of chain: ChainID) -> UInt32 { UInt32(truncatingIfNeeded: chain.raw.low64) }

        public init(from reader: inout ByteReader) throws(DecodeError) {
            _ = try reader.version(Self.version...Self.version)
            network = try reader.u32()
            node = try reader.identifier()
            datagramKey = try reader.bytes32()
            sequence = try reader.u64()
            let count = try reader.u8()
            guard count <= Self.addressLimit else {
                throw .tooLarge(size: UInt64(count), limit: UInt64(Self.addressLimit))
            }
            var addresses: [Endpoint] = []
            for _ in 0..<count { addresses.append(try Endpoint(from: &reader)) }
            self.addresses = addresses
        }

        public func encode(into writer: inout ByteWriter) {
            writer.u8(Self.version)
            writer.u32(network)
            writer.identifier(node)
            writer.bytes32(datagramKey)
            writer.u64(sequence)
            writer.u8(UInt8(addresses.count))
            for address in addresses { address.encode(into: &writer) }
        }
    }
}

/// An address as nodes tell it to one another: the version of the protocol, the bytes as they go over the wire, the port.
extension Endpoint: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        let address: IPAddress
        switch try reader.u8() {
        case 4: address = IPAddress(v4: try reader.u32().byteSwapped)
        case 6:
            address = IPAddress(high: try reader.u64().byteSwapped, low: try reader.u64().byteSwapped)
            if address.v4 != nil { throw .notCanonical("IPv4 address written as IPv6") }
        case let number: throw .unknown("address family", UInt64(number))
        }
        self.init(address, port: try reader.u16())
    }

    public func encode(into writer: inout ByteWriter) {
        if let v4 = address.v4 {
            writer.u8(4)
            writer.u32(v4.byteSwapped)
        } else {
            writer.u8(6)
            writer.u64(address.high.byteSwapped)
            writer.u64(address.low.byteSwapped)
        }
        writer.u16(port)
    }
}
