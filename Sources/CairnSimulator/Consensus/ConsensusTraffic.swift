public import CairnBase
public import CairnConsensus

/// What simulated nodes say to one another: the protocol's messages, and the block transfer that a shell does for it.
/// Boxed, because one message is held by as many pending deliveries as it has receivers.
public indirect enum ConsensusTraffic: SimulatedMessage {
    case consensus(ConsensusMessage)
    case wantBlock(Digest)
    case block(Block)
    /// The final blocks from a height on.
    case wantHistory(from: Height)
    case history(Episode)

    /// What of it an uplink would carry, with 60 bytes of sealing and headers.
    public var byteCount: Int {
        switch self {
        case .consensus(let message): 60 + message.approximateSize
        case .wantBlock: 92
        case .block(let block): 378 + block.payload.bytes.count
        case .wantHistory: 68
        case .history(let episode): 460 + episode.blocks.reduce(0) { $0 + 318 + $1.payload.bytes.count }
        }
    }

    public func absorb(into trace: inout TraceHash) {
        switch self {
        case .consensus(let message):
            trace.absorb(message.position.view.number)
            switch message.body {
            case .proposal(let proposal): trace.absorb(proposal.signature.r.low64)
            case .votes(let votes): for vote in votes { trace.absorb(vote.signature.r.low64) }
            case .certificates(let certificates): for one in certificates { trace.absorb(one.view.number) }
            case .certificateRequest(let request): trace.absorb(request.first.number)
            case .statusRequest(let request): trace.absorb(request.nonce)
            case .status(let status): trace.absorb(status.statement.nonce)
            }
        case .wantBlock(let digest): trace.absorb(digest.raw.low64)
        case .block(let block): trace.absorb(block.header.height.number)
        case .wantHistory(let height): trace.absorb(height.number)
        case .history(let episode): trace.absorb(UInt64(episode.blocks.count))
        }
    }
}

extension ConsensusMessage {
    /// Bytes on the wire, near enough for an uplink: encoding every message would cost more than the run.
    var approximateSize: Int {
        switch body {
        case .proposal(let proposal):
            25 + 322 + proposal.block.payload.bytes.count + 64
                + proposal.certificates.reduce(4) { $0 + $1.approximateSize }
        case .votes(let votes): 29 + 115 * votes.count
        case .certificates(let certificates): certificates.reduce(29) { $0 + $1.approximateSize }
        case .certificateRequest, .statusRequest: 49
        case .status(let status):
            130 + (status.entry?.approximateSize ?? 0) + 115 * status.votesOfAsker.count
        }
    }
}

extension Certificate {
    var approximateSize: Int { (header == nil ? 17 : 319) + 2 + (signers.size + 7) / 8 + 64 * signatures.count }
}
