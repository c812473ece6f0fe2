import CairnBase
import CairnConsensus

/// What every validator signed over all its lives: no two statements that must not both be.
struct VoteBook: Sendable {
    /// The second of two, in words for a violation.
    enum Contradiction: String {
        case twoNotarizes = "two notarizes"
        case nullifyAfterFinalize = "nullify after finalize"
        case finalizeAfterNullify = "finalize after nullify"
        case twoFinalizes = "two finalizes"
    }

    private struct Slot: Sendable, Comparable {
        let process: ProcessID
        let epoch: Epoch
        let view: View

        static func < (left: Slot, right: Slot) -> Bool {
            (left.process, left.epoch, left.view) < (right.process, right.epoch, right.view)
        }
    }

    private struct Signed: Sendable {
        var notarized: Digest?
        var finalized: Digest?
        var isNullified = false
    }

    private var slots = OrderedMap<Slot, Signed>()

    mutating func add(_ statement: VoteStatement, by process: ProcessID) -> Contradiction? {
        let slot = Slot(process: process, epoch: statement.epoch, view: statement.view)
        var signed = slots[slot] ?? Signed()
        defer { slots[slot] = signed }
        switch statement.kind {
        case .notarize:
            defer { signed.notarized = statement.block }
            return signed.notarized.map { $0 != statement.block } == true ? .twoNotarizes : nil
        case .nullify:
            signed.isNullified = true
            return signed.finalized != nil ? .nullifyAfterFinalize : nil
        case .finalize:
            defer { signed.finalized = statement.block }
            if signed.isNullified { return .finalizeAfterNullify }
            return signed.finalized.map { $0 != statement.block } == true ? .twoFinalizes : nil
        }
    }
}
