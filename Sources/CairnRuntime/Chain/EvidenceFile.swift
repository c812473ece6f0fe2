import CairnBase
import CairnConsensus
public import CairnLedger
import CairnNode
import CairnWire
import Glibc

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
        /// The file does not read as one of ours.
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

    /// Durable when it returns, with those that were new and all there are now. There is one of each validator and epoch. When no more can be kept, the
    /// oldest epoch's goes, for bonds are not at risk for ever; `full` where that is no older than what comes.
    ///
    /// A damaged file is left aside, for whoever wants to look at it, and one begun anew: what comes later is no less true.
    func add(_ contradictions: [Contradiction]) throws(Refusal) -> (new: [Contradiction], all: [Contradiction]) {
        var known: [Contradiction]
        do throws(Refusal) {
            known = try read()
        } catch {
            guard case .damaged = error else { throw error }
            try leaveAside()
            known = []
        }
        var new: [Contradiction] = []
        var isFull = false
        for contradiction in contradictions where !known.covers(contradiction) {
            if known.count >= Self.limit {
                guard let oldest = known.indices.min(by: { known[$0].epoch < known[$1].epoch }),
                    known[oldest].epoch < contradiction.epoch
                else {
                    isFull = true
                    continue
                }
                known.remove(at: oldest)
            }
            known.append(contradiction)
            new.append(contradiction)
        }
        guard !new.isEmpty else { if isFull { throw .full } else { return ([], known) } }
        do throws(SystemError) {
            try SmallFile.replace(path, with: known.flatMap(\.encoded))
        } catch {
            throw .file(error)
        }
        return (new, known)
    }

    private func leaveAside() throws(Refusal) {
        guard rename(path, path + ".damaged") == 0 else { throw .file(SystemError("rename", code: errno)) }
    }
}

/// What was seen and is not on disk yet: what cannot be written now is written with a later block.
struct EvidenceKeeper {
    private let file: EvidenceFile
    private(set) var waiting: [Contradiction] = []
    /// Those on disk; nil while that is not known, for the file cannot be read.
    private(set) var known: [Contradiction]?
    /// Those for which the chain would punish nobody any more.
    private var closed: [Contradiction] = []
    /// How often something was kept, could not be written, or had to be dropped.
    private(set) var fates = (kept: UInt64(0), failed: UInt64(0), dropped: UInt64(0))

    init(_ file: EvidenceFile) {
        self.file = file
        known = try? file.read()
    }

    var held: Int? { known?.count }
    /// How many somebody may still report, as of the last look at the chain.
    var open: Int? { known?.count { !closed.covers($0) } }

    mutating func close(_ contradictions: [Contradiction]) { closed = contradictions }

    mutating func take(_ contradiction: Contradiction) {
        guard !waiting.covers(contradiction) else { return }
        guard waiting.count < EvidenceFile.limit else { return drop() }
        waiting.append(contradiction)
    }

    /// Of somebody whose key is not known any more.
    mutating func drop() { fates.dropped += 1 }

    /// Those that are on disk now and were not before.
    mutating func write() throws(EvidenceFile.Refusal) -> [Contradiction] {
        guard !waiting.isEmpty else { return [] }
        do throws(EvidenceFile.Refusal) {
            let (new, all) = try file.add(waiting)
            waiting = []
            fates.kept += UInt64(new.count)
            known = all
            return new
        } catch {
            if case .full = error {
                fates.dropped += UInt64(waiting.count)
                waiting = []
            } else {
                fates.failed += 1
            }
            throw error
        }
    }
}

extension ChainShell {
    /// A validator contradicted itself: that is written down and told to the owner, who alone has an account to say it with.
    func keep(_ evidence: Evidence) {
        let committee = verifier.epochs.first { $0.epoch == evidence.epoch }?.committee
        guard let offender = committee?[evidence.offender],
            let contradiction = Contradiction(evidence, of: offender.key)
        else { return self.evidence.drop() }
        contradictions += 1
        self.evidence.take(contradiction)
        writeEvidence()
    }

    /// Also with every block, for what could not be written before.
    func writeEvidence() {
        do throws(EvidenceFile.Refusal) {
            for contradiction in try evidence.write() {
                log.warn(
                    "a validator contradicted itself: cairn validator accuse reports it",
                    [
                        "epoch": .ordinal(contradiction.epoch), "view": .ordinal(contradiction.view),
                        "key": .id(contradiction.key),
                        "votes": .text("\(contradiction.first.kind) and \(contradiction.second.kind)"),
                    ])
            }
        } catch {
            log.error("what a validator signed twice cannot be kept", ["reason": .text("\(error)")])
        }
    }
}

extension [Contradiction] {
    /// One of each validator and epoch is enough.
    fileprivate func covers(_ other: Contradiction) -> Bool {
        contains { $0.key == other.key && $0.epoch == other.epoch }
    }
}
