import CairnBase
import CairnConsensus
public import CairnLedger
import CairnNode
import CairnWire

/// The contradictions of validators that this node has seen, on disk until their owner hands them to the chain: votes are
/// forgotten when their view is final, and what was seen once may never be seen again.
public struct EvidenceFile: Sendable {
    /// Of each validator and epoch there is one; more than this is a network that has other troubles.
    public static let limit = 256
    private static let byteLimit = limit * 512

    private let path: String

    public init(home: String) { path = home + "/evidence" }

    public enum Refusal: Error, Equatable, Sendable {
        case file(SystemError)
        /// The file does not read as one of ours. It is left as it is.
        case damaged(String)
        case full
    }

    /// In the order in which they were seen.
    public func read() throws(Refusal) -> [Contradiction] {
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try SmallFile.read(path, limit: Self.byteLimit)
        } catch {
            if error.isNotFound { return [] }
            throw .file(error)
        }
        do throws(DecodeError) {
            var reader = ByteReader(bytes.span.bytes)
            var found: [Contradiction] = []
            while reader.remaining > 0 { found.append(try Contradiction(from: &reader)) }
            return found
        } catch {
            throw .damaged("\(path): \(error)")
        }
    }

    /// Durable when it returns; false when this validator's contradiction of that epoch is there already.
    func add(_ contradiction: Contradiction) throws(Refusal) -> Bool {
        let known = try read()
        guard !known.contains(where: { $0.key == contradiction.key && $0.epoch == contradiction.epoch }) else {
            return false
        }
        guard known.count < Self.limit else { throw .full }
        do throws(SystemError) {
            try SmallFile.replace(path, with: (known + [contradiction]).flatMap(\.encoded))
        } catch {
            throw .file(error)
        }
        return true
    }
}

extension ChainShell {
    /// A validator contradicted itself: that is written down and told to the owner, who alone has an account to say it with.
    func keep(_ evidence: Evidence) {
        let position = core.consensus.position
        guard evidence.epoch == position.epoch, let offender = core.consensus.committee[evidence.offender],
            let contradiction = Contradiction(evidence, of: offender.key)
        else { return }
        contradictions += 1
        let fields: LogFields = [
            "epoch": .ordinal(evidence.epoch), "view": .ordinal(evidence.first.statement.view),
            "key": .id(offender.key), "offence": .text("\(evidence.offence)"),
        ]
        do throws(EvidenceFile.Refusal) {
            guard try EvidenceFile(home: configuration.directory).add(contradiction) else { return }
            log.warn("a validator contradicted itself: cairn validator accuse reports it", fields)
        } catch {
            log.error("what a validator signed twice cannot be kept", ["reason": .text("\(error)")])
        }
    }
}
