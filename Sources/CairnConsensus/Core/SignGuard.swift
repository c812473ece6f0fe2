import CairnBase

/// Whether this validator may sign at all, apart from what it has signed in a view.
struct SignGuard: Sendable, Equatable {
    enum Standing: Sendable, Equatable {
        /// Nothing has been started yet, or there is no key.
        case silent
        /// Restarted: others are asked where the chain is and what they hold of ours.
        case asking(nonce: UInt64, answered: [Bool])
        /// Restarted: the views others may have seen us in are left alone a little longer.
        case watching
        case active
        case stopped(StopReason)
    }

    var standing = Standing.silent
    /// No vote is cast in an epoch before the log's highest.
    var lowestEpoch = Epoch(0)
    /// The last view the log speaks of, at the start of the process.
    var lastLogged = View(0)
    /// While watching: views above `lastLogged` and up to here are refused.
    var refusedThrough = View(0)
    /// When asking or watching ends; a timer that was set for less is void.
    var standingUntil = Instant.origin

    func allows(_ epoch: Epoch, _ view: View) -> Bool {
        guard epoch >= lowestEpoch else { return false }
        switch standing {
        case .active: return true
        case .watching: return view <= lastLogged || view > refusedThrough
        case .silent, .asking, .stopped: return false
        }
    }

    var isStopped: Bool {
        if case .stopped = standing { true } else { false }
    }
}
