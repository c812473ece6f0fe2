public import CairnBase
public import CairnWire

/// A signed datagram by which two nodes learn that the other is there: a greeting, or the reply to one.
///
/// All hellos have one length, so a reply is never longer than what asked for it. `nonce` is a question nobody can
/// guess the answer to before it was sent; `echo` answers the last one heard from the other side. Only an echo proves
/// that a node lives and is at its address: a recorded hello can be sent again by anybody, from anywhere.
public struct Hello: Signed, Canonical, Equatable {
    public let content: Content
    public let signature: Signature

    public static let domainTag = DomainTag("cn/hello")
    public static let count = Content.count + Signature.count

    public init(_ content: Content, signature: Signature) {
        self.content = content
        self.signature = signature
    }

    public var domain: DomainTag { Self.domainTag }
    public var signedBody: [UInt8] { content.encoded }

    public init(from reader: inout ByteReader) throws(DecodeError) {
        content = try Content(from: &reader)
        signature = try reader.signature()
    }

    public func encode(into writer: inout ByteWriter) {
        content.encode(into: &writer)
        writer.signature(signature)
    }
}

extension Hello {
    public enum Kind: UInt8, Sendable {
        case greeting = 1
        case reply = 2
    }

    /// Everything but the signature, which covers it.
    public struct Content: Canonical, Sendable, Hashable {
        public let kind: Kind
        /// The first bytes of the chain id: a foreign network is told from a forged signature before any is checked.
        public let network: UInt64
        public let sender: NodeID
        /// Drawn anew when a node starts; sequences count within it.
        public let session: UInt64
        public let sequence: UInt64
        public let nonce: UInt64
        /// The nonce last heard from the receiver at this address; zero when none was.
        public let echo: UInt64

        public static let version: UInt8 = 1
        public static let count = 2 + 8 + 32 + 4 * 8

        public init(
            _ kind: Kind, network: UInt64, sender: NodeID, session: UInt64, sequence: UInt64, nonce: UInt64,
            echo: UInt64
        ) {
            self.kind = kind
            self.network = network
            self.sender = sender
            self.session = session
            self.sequence = sequence
            self.nonce = nonce
            self.echo = echo
        }

        public init(from reader: inout ByteReader) throws(DecodeError) {
            _ = try reader.version(Self.version...Self.version)
            let number = try reader.u8()
            guard let kind = Kind(rawValue: number) else { throw .unknown("hello kind", UInt64(number)) }
            self.kind = kind
            network = try reader.u64()
            sender = try reader.identifier()
            session = try reader.u64()
            sequence = try reader.u64()
            nonce = try reader.u64()
            echo = try reader.u64()
            // Zero means that there is none.
            guard nonce != 0 else { throw .invalid("hello nonce") }
            guard kind == .greeting || echo != 0 else { throw .invalid("hello reply") }
        }

        public func encode(into writer: inout ByteWriter) {
            writer.u8(Self.version)
            writer.u8(kind.rawValue)
            writer.u64(network)
            writer.identifier(sender)
            writer.u64(session)
            writer.u64(sequence)
            writer.u64(nonce)
            writer.u64(echo)
        }
    }
}
