import CairnBase
import CairnConsensus
import CairnNode
import CairnWire

extension FuzzTarget {
    /// Everything one node says to another about the chain, and asks it: consensus messages, transactions, the past.
    static let nodeMessage = FuzzTarget("node") { bytes in
        try requireCanonical(NodeMessage.self, bytes)
        try requireCanonical(HistoryRequest.self, bytes)
        try requireCanonical(HistoryAnswer.self, bytes)
    }

    /// What a block orders: transactions and verdicts.
    static let block = FuzzTarget("block") { bytes in
        try requireCanonical(Verdict.self, bytes)
        guard let payload = try? BlockPayload(Payload(bytes: bytes), limits: Limits.Ledger()) else { return }
        try require(payload.payload.bytes == bytes, "a payload does not encode to the bytes it was read from")
    }
}
