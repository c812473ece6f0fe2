import CairnBase
import CairnConsensus
import CairnWire

@testable import CairnStore

extension Area {
    /// What a validator's own log is made of: the batches, with the records of a vote, a certificate and a block in them,
    /// and one slot around the first.
    static let signLog = Area(name: "signlog") {
        let batches = SignLogSample()
        let slot = SignSlot(segment: 1, batch: 0, batchCount: 1, place: 0, body: batches.begin.encoded)
        return [
            try .canonical("begin", batches.begin),
            try .canonical("append-vote", batches.vote),
            try .canonical("append-block-and-certificate", batches.block),
            try .canonical("append-retired", batches.retired),
            try .canonical("move", SignBatch.move(to: 2)),
            // The other copy is the same.
            .writeOnly("slot-of-begin", Array(slot.bytes.prefix(SignSlot.byteCount))),
        ]
    }
}

/// The batches that are pinned, in the order in which the log of the tests holds them.
struct SignLogSample {
    let key = PublicKey(Self.fill(0x31))
    let chain = ChainID(Self.fill(1))
    let floor = SignFloor(epoch: Epoch(2), view: View(3))

    var begin: SignBatch { .begin(key: key, chain: chain) }
    var vote: SignBatch { .append(floor: floor, entries: [entry(of: .nullify, in: 4)]) }

    var block: SignBatch {
        let header = Header(
            chain: chain, epoch: Epoch(2), view: View(5), height: Height(4), parent: Digest(Self.fill(5)),
            parentView: View(3), payload: PayloadReference(digest: Digest(Self.fill(6)), size: 3), time: 7,
            leader: MemberIndex(1), nextCommittee: Digest(Self.fill(8)),
            startState: Digest(Self.fill(15)),
            randomness: RandomnessStep(
                previous: Digest(Self.fill(9)), output: Digest(Self.fill(10)),
                proof: RandomnessProof(point: Self.fill(11), challenge: (12, 13), scalar: Self.fill(14))))
        let nullification = Certificate(
            subject: .nullification(Epoch(2), View(4)),
            signers: SignerSet([MemberIndex(0), MemberIndex(1), MemberIndex(2)], of: 4),
            signatures: [signature, signature, signature])
        return .append(
            floor: floor,
            entries: [
                SignEntry(kind: 2, epoch: Epoch(2), view: View(4), bytes: nullification.encoded),
                SignEntry(
                    kind: 3, epoch: Epoch(2), view: View(5),
                    bytes: Block(header: header, payload: Payload(bytes: [1, 2, 3])).encoded),
                entry(of: .notarize, in: 5),
            ])
    }

    var retired: SignBatch {
        .append(
            floor: floor, entries: [SignEntry(kind: 0x81, epoch: Epoch(2), view: View(5), bytes: [])])
    }

    private let signature = Signature(r: Self.fill(0xa1), s: Self.fill(0xa2))

    private static func fill(_ byte: UInt8) -> Bytes32 {
        Bytes32([UInt8](repeating: byte, count: 32)) ?? .zero
    }

    private func entry(of kind: VoteKind, in view: UInt64) -> SignEntry {
        var writer = ByteWriter()
        VoteStatement(
            epoch: Epoch(2), view: View(view), kind: kind,
            block: kind == .nullify ? .zero : Digest(Self.fill(15))
        ).encode(into: &writer)
        writer.signature(signature)
        return SignEntry(kind: 1, epoch: Epoch(2), view: View(view), bytes: writer.bytes)
    }
}
