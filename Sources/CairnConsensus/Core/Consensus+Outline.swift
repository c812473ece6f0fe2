package import CairnBase

/// What a search over states compares.
extension Consensus {
    /// Everything that decides how this core will act in views up to `last`, as words, and nothing else: two cores with
    /// one outline cannot be told apart by what they vote and propose there.
    ///
    /// Left out are moments, counters, what was asked of whom, bodies of blocks, and others' votes, which a search that
    /// hands over whole certificates never delivers one by one.
    package func outline(through last: View) -> [UInt64] {
        let turn = epoch.turn
        var words = [
            epoch.number.number, min(turn.view, last.next).number, epoch.floor.number, epoch.base.block.raw.low64,
            signing.isStopped ? 1 : 0,
        ]
        if turn.view <= last {
            words += [turn.hasLeadExpired ? 1 : 0, turn.hasExpired ? 1 : 0, turn.proposing?.block.raw.low64 ?? 0]
        }
        for (view, state) in epoch.views where view <= last {
            let check: UInt64 =
                switch state.proposal?.check {
                case nil: 0
                case .waiting: 1
                case .asked: 2
                case .valid: 3
                case .invalid: 4
                }
            words += [
                view.number, check, state.proposal?.digest.raw.low64 ?? 0, state.own.notarize?.raw.low64 ?? 0,
                state.own.hasNullified ? 1 : 0, state.own.finalize?.raw.low64 ?? 0,
                state.notarization?.block.raw.low64 ?? 0, state.nullification == nil ? 0 : 1,
            ]
        }
        return words
    }

    /// The block is the current view's candidate and waits for certificates it stands on.
    package func isWaiting(for block: Digest) -> Bool {
        guard let candidate = epoch.views[epoch.view]?.proposal else { return false }
        return candidate.digest == block && candidate.check == .waiting
    }
}
