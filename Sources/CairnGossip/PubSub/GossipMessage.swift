public import CairnBase
public import CairnWire

/// A published message as libp2p's pub/sub carries it, with its id.
///
/// Author, data, sequence, topic and signature, each exactly once and nothing else: what other implementations would
/// read differently is refused. A message is passed on as it would have been written here, without the author's key,
/// which the author's name holds already.
public struct GossipMessage: Sendable, Equatable {
    public let author: NodeID
    public let data: [UInt8]
    public let sequence: UInt64
    public let topic: Topic
    public let signature: Signature
    public let id: MessageID
    /// The protobuf form.
    public let encoded: [UInt8]

    private static let signedPrefix = Array("libp2p-pubsub:".utf8)

    /// A message of our own; `sign` gets what the signature covers.
    public init(
        _ topic: Topic, _ data: [UInt8], by author: NodeID, sequence: UInt64, using hash: ContentHash,
        sign: ([UInt8]) -> Signature
    ) {
        let body = Self.body(author, data, sequence, topic)
        self.init(
            author, data, sequence, topic, sign(Self.signedPrefix + body.bytes), MessageID(topic, data, using: hash),
            body)
    }

    private init(
        _ author: NodeID, _ data: [UInt8], _ sequence: UInt64, _ topic: Topic, _ signature: Signature, _ id: MessageID,
        _ body: ProtobufWriter
    ) {
        self.author = author
        self.data = data
        self.sequence = sequence
        self.topic = topic
        self.signature = signature
        self.id = id
        var writer = body
        writer.bytes(5, signature.bytes)
        encoded = writer.bytes
    }

    public init(_ bytes: RawSpan, limit: Int, using hash: ContentHash) throws(DecodeError) {
        var reader = ProtobufReader(bytes, fieldLimit: 6)
        var author: NodeID?
        var data: [UInt8]?
        var sequence: UInt64?
        var topic: Topic?
        var signature: Signature?
        var key: PublicKey?
        while let field = try reader.next() {
            switch field.number {
            case 1 where author == nil: author = try NodeID(peerID: field.bytes(limit: NodeID.peerIDCount))
            case 2 where data == nil: data = try field.bytes(limit: limit)
            case 3 where sequence == nil:
                var number = ByteReader(try field.span(limit: 8))
                sequence = try number.u64().byteSwapped
            case 4 where topic == nil: topic = Topic(try field.string(limit: Topic.longest))
            case 5 where signature == nil: signature = Signature(try field.span(limit: Signature.count))
            case 6 where key == nil: key = try PublicKey(protobuf: field.span(limit: 64))
            default: throw field.unknown
            }
        }
        guard let author, let data, let sequence, let topic, let signature, !data.isEmpty,
            key == nil || key == author.key
        else { throw .invalid("published message") }
        self.init(
            author, data, sequence, topic, signature, MessageID(topic, data, using: hash),
            Self.body(author, data, sequence, topic))
    }

    /// What the author's signature covers.
    public var signedBytes: [UInt8] { Self.signedPrefix + Self.body(author, data, sequence, topic).bytes }

    private static func body(
        _ author: NodeID, _ data: [UInt8], _ sequence: UInt64, _ topic: Topic
    ) -> ProtobufWriter {
        var number = ByteWriter(capacity: 8)
        number.u64(sequence.byteSwapped)
        var writer = ProtobufWriter()
        writer.bytes(1, author.peerIDBytes)
        writer.bytes(2, data)
        writer.bytes(3, number.bytes)
        writer.string(4, topic.name)
        return writer
    }
}
