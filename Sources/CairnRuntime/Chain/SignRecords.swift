import CairnBase
import CairnConsensus
import CairnStore
import CairnWire

/// How the sign log's entries are made of what consensus asks to have persisted, and read back after a restart.
enum SignRecords {
    private enum Kind {
        static let vote: UInt8 = 1
        static let certificate: UInt8 = 2
        static let block: UInt8 = 3
        static let retired: UInt8 = SignEntry.pinned | 1
    }

    /// The records in order, then the vote that rests on them.
    static func entries(of persist: Persist, _ signature: Signature?, at position: SignFloor) -> [SignEntry] {
        var entries = persist.records.map { record in
            switch record {
            case .certificate(let certificate):
                SignEntry(
                    kind: Kind.certificate, epoch: certificate.epoch, view: certificate.view,
                    bytes: certificate.encoded)
            case .block(let block):
                SignEntry(
                    kind: Kind.block, epoch: block.header.epoch, view: block.header.view, bytes: block.encoded)
            case .retired: SignEntry(kind: Kind.retired, epoch: position.epoch, view: position.view, bytes: [])
            }
        }
        if let statement = persist.sign, let signature {
            var writer = ByteWriter()
            statement.encode(into: &writer)
            writer.signature(signature)
            entries.append(
                SignEntry(kind: Kind.vote, epoch: statement.epoch, view: statement.view, bytes: writer.bytes))
        }
        return entries
    }

    /// What the log says, for a validator whose seat in the current epoch is `seat`. A vote of an earlier epoch only
    /// tells that the key was there; whose seat it came from no longer matters.
    static func recovered(_ entries: [SignEntry], seat: MemberIndex?) throws(DecodeError) -> Recovered {
        var recovered = Recovered()
        for entry in entries {
            let limit = SignLog.batchLimit
            switch entry.kind {
            case Kind.vote:
                var reader = ByteReader(entry.bytes.span.bytes)
                let statement = try VoteStatement(from: &reader)
                let signature = try reader.signature()
                try reader.end()
                recovered.votes.append(
                    Vote(statement: statement, voter: seat ?? MemberIndex(0), signature: signature))
            case Kind.certificate:
                recovered.certificates.append(try Certificate.decode(entry.bytes, limit: limit))
            case Kind.block: recovered.blocks.append(try Block.decode(entry.bytes, limit: limit))
            case Kind.retired: recovered.isRetired = true
            default: throw .unknown("sign log entry", UInt64(entry.kind))
            }
        }
        return recovered
    }

    /// The floor after a batch: the last finalization it makes durable, if it makes one.
    static func floor(after persist: Persist, from floor: SignFloor) -> SignFloor {
        persist.records.reduce(floor) { floor, record in
            guard case .certificate(let certificate) = record, certificate.kind == .finalize,
                (certificate.epoch, certificate.view) > (floor.epoch, floor.view)
            else { return floor }
            return SignFloor(epoch: certificate.epoch, view: certificate.view)
        }
    }
}
