public import CairnWire

/// What validators say to one another, as it travels: unverified when it arrives.
public struct ConsensusMessage: Sendable, Hashable {
    public enum Body: Sendable, Hashable {
        case proposal(Proposal)
        case votes([Vote])
        case certificates([Certificate])
        case certificateRequest(CertificateRequest)
        case statusRequest(StatusRequest)
        case status(Status)
    }

    public let position: ChainPosition
    public let body: Body

    public init(position: ChainPosition, body: Body) {
        self.position = position
        self.body = body
    }
}

extension ConsensusMessage: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        position = try ChainPosition(from: &reader)
        let code = try reader.u8()
        switch code {
        case 1: body = .proposal(try Proposal(from: &reader))
        case 2: body = .votes(try Self.list(from: &reader, limit: ConsensusLimits.votesPerMessage))
        case 3: body = .certificates(try Self.list(from: &reader, limit: ConsensusLimits.certificatesPerMessage))
        case 4: body = .certificateRequest(try CertificateRequest(from: &reader))
        case 5: body = .statusRequest(try StatusRequest(from: &reader))
        case 6: body = .status(try Status(from: &reader))
        default: throw .unknown("consensus message", UInt64(code))
        }
    }

    public func encode(into writer: inout ByteWriter) {
        position.encode(into: &writer)
        switch body {
        case .proposal(let proposal):
            writer.u8(1)
            proposal.encode(into: &writer)
        case .votes(let votes):
            writer.u8(2)
            Self.encode(votes, into: &writer)
        case .certificates(let certificates):
            writer.u8(3)
            Self.encode(certificates, into: &writer)
        case .certificateRequest(let request):
            writer.u8(4)
            request.encode(into: &writer)
        case .statusRequest(let request):
            writer.u8(5)
            request.encode(into: &writer)
        case .status(let status):
            writer.u8(6)
            status.encode(into: &writer)
        }
    }

    private static func list<Item: Canonical>(
        from reader: inout ByteReader, limit: Int
    ) throws(DecodeError) -> [Item] {
        let count = try reader.count(limit: limit)
        var items: [Item] = []
        for _ in 0..<count { items.append(try Item(from: &reader)) }
        return items
    }

    private static func encode(_ items: [some Canonical], into writer: inout ByteWriter) {
        writer.count(items.count)
        for item in items { item.encode(into: &writer) }
    }
}
