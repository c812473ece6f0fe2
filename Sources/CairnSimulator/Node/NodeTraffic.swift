public import CairnBase
public import CairnConsensus
public import CairnLedger
public import CairnNode
public import CairnStorage
import CairnWire
public import CairnWitness

/// What simulated nodes and their users say to one another.
public indirect enum NodeTraffic: SimulatedMessage {
    /// Opens a link, anew after a restart.
    case hello(incarnation: UInt32, isReply: Bool)
    case consensus(ConsensusMessage)
    case transaction(Transaction)
    case question(HistoryRequest, number: UInt64)
    case answer(HistoryAnswer?, number: UInt64)
    /// From a user: what the chain holds of an account, and how high it is.
    case wantAccount(AccountID)
    case account(Account?, height: Height)
    case submit(Transaction)
    case submitted(Digest, isAccepted: Bool)
    /// What a gateway published.
    case coverage(CoverageMessage)
    /// What is asked and answered about a piece.
    case piece(PieceQuestion, number: UInt64)
    case pieceAnswer(PieceStatus, [UInt8], number: UInt64)
    /// What a witness of storage saw.
    case walk(SignedWalkReceipt)
    /// From an owner: what the chain says of its object, and which nodes hold it.
    case wantObject(Digest)
    case object(Digest, PrepaidObject?, holders: [NodeID])
    /// From a radio to the air, and from the air to a radio.
    case transmit(SendRequest)
    case received(Reception)

    public var isBesideNetwork: Bool {
        switch self {
        case .transmit, .received: true
        default: false
        }
    }

    public var byteCount: Int {
        switch self {
        case .hello: 200
        case .consensus(let message): 60 + message.approximateSize
        case .transaction, .submit: 360
        case .question: 100
        case .answer(let answer, _): 60 + (answer?.approximateSize ?? 0)
        case .wantAccount, .account, .submitted: 100
        case .coverage(let message): 60 + message.encoded.count
        case .piece(.write(_, _, let portion), _): 100 + portion.count
        case .piece, .wantObject: 120
        case .pieceAnswer(_, let bytes, _): 60 + bytes.count
        case .walk: 373
        case .object(_, _, let holders): 200 + 64 * holders.count
        case .transmit(let request): request.payload.count
        case .received(let reception): reception.payload.count
        }
    }

    public func absorb(into trace: inout TraceHash) {
        switch self {
        case .hello(let incarnation, let isReply): trace.absorb(UInt64(incarnation) << 1 | (isReply ? 1 : 0))
        case .consensus(let message): ConsensusTraffic.consensus(message).absorb(into: &trace)
        case .transaction(let transaction), .submit(let transaction):
            trace.absorb(transaction.nonce)
            trace.absorb(transaction.signature.r.low64)
        case .question(_, let number): trace.absorb(number)
        case .answer(let answer, let number):
            trace.absorb(number)
            trace.absorb(UInt64(answer?.approximateSize ?? 0))
        case .wantAccount(let account): trace.absorb(account.raw.low64)
        case .account(let account, let height):
            trace.absorb(account?.nonce ?? 0)
            trace.absorb(account?.balance.units ?? 0)
            trace.absorb(height.number)
        case .submitted(let id, let isAccepted): trace.absorb(id.raw.low64 ^ (isAccepted ? 1 : 0))
        case .coverage(let message): trace.absorb(message.id.raw.low64)
        case .piece(_, let number): trace.absorb(number)
        case .pieceAnswer(let status, let bytes, let number):
            trace.absorb(number)
            trace.absorb(UInt64(bytes.count) << 8 | UInt64(status.rawValue))
        case .walk(let receipt): trace.absorb(receipt.signature.r.low64)
        case .wantObject(let id): trace.absorb(id.raw.low64)
        case .object(let id, let record, _):
            trace.absorb(id.raw.low64)
            trace.absorb(record?.left.units ?? 0)
        case .transmit(let request): trace.absorb(PayloadHash(of: request.payload, using: MixHash()).low64)
        case .received(let reception):
            trace.absorb(PayloadHash(of: reception.payload, using: MixHash()).low64)
            trace.absorb(UInt64(reception.counter))
        }
    }
}

extension CoverageMessage {
    /// By which it is known again.
    var id: Digest { MixHash().digest(DomainTag("cn-sim/said"), encoded) }
}

extension PayloadHash {
    fileprivate var low64: UInt64 { bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) } }
}

extension HistoryAnswer {
    fileprivate var approximateSize: Int {
        switch self {
        case .block(let block): 322 + block.payload.bytes.count
        case .handoffs(let handoffs): 1_000 * handoffs.count
        case .headers(let headers): 322 * headers.count
        case .payloads(let payloads): payloads.reduce(0) { $0 + 4 + $1.bytes.count }
        case .receipts(let receipts): 400 * receipts.count
        case .walkReceipts(let receipts): 313 * receipts.count
        case .snapshot(let contents): 160 + 32 * contents.chunks.count
        case .chunk(let bytes): bytes.count
        }
    }
}
