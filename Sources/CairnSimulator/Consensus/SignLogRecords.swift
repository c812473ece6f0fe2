import CairnBase
import CairnConsensus
public import CairnWire

/// The bytes of one batch of the simulated sign log: records, then votes with their signatures.
struct SignLogBatch {
    var records: [SignRecord] = []
    var votes: [Vote] = []

    var bytes: [UInt8] {
        var writer = ByteWriter()
        writer.count(records.count)
        for record in records {
            switch record {
            case .certificate(let certificate):
                writer.u8(1)
                certificate.encode(into: &writer)
            case .block(let block):
                writer.u8(2)
                block.encode(into: &writer)
            case .retired: writer.u8(3)
            }
        }
        writer.count(votes.count)
        for vote in votes { vote.encode(into: &writer) }
        return writer.bytes
    }

    /// Adds what a batch says to what was recovered so far.
    static func restore(_ bytes: [UInt8], into recovered: inout Recovered) throws(DecodeError) {
        var reader = ByteReader(bytes.span.bytes)
        for _ in 0..<(try reader.count(limit: 1 << 16)) {
            switch try reader.u8() {
            case 1: recovered.certificates.append(try Certificate(from: &reader))
            case 2: recovered.blocks.append(try Block(from: &reader))
            default: recovered.isRetired = true
            }
        }
        for _ in 0..<(try reader.count(limit: 1 << 16)) { recovered.votes.append(try Vote(from: &reader)) }
        try reader.end()
    }
}

/// Final blocks in a row, and what makes the last of them final: what a node stores of a commit, and sends to those who
/// fell behind.
public struct Episode: Sendable, Canonical {
    var blocks: [Block]
    var finalization: Certificate
    /// From the last block, exclusive, to the one the finalization names.
    var path: [Header]

    init(blocks: [Block], finalization: Certificate, path: [Header]) {
        self.blocks = blocks
        self.finalization = finalization
        self.path = path
    }

    public init(from reader: inout ByteReader) throws(DecodeError) {
        blocks = []
        for _ in 0..<(try reader.count(limit: 1 << 16)) { blocks.append(try Block(from: &reader)) }
        finalization = try Certificate(from: &reader)
        path = []
        for _ in 0..<(try reader.count(limit: 1 << 16)) { path.append(try Header(from: &reader)) }
    }

    public func encode(into writer: inout ByteWriter) {
        writer.count(blocks.count)
        for block in blocks { block.encode(into: &writer) }
        finalization.encode(into: &writer)
        writer.count(path.count)
        for header in path { header.encode(into: &writer) }
    }
}
