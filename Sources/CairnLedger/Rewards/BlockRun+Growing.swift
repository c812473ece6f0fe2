import CairnBase
import CairnWire

/// What an epoch does to a track record: its streak, and whether it may go on.
extension BlockRun {
    mutating func grow(_ track: inout Track, _ share: EpochShare, _ resource: FrozenResource) throws(StateError) {
        if share.failures > 0 { track.miss(perPeriod: parameters[.epochsPerPeriod]) } else { track.streak += 1 }
        try returnHalf(&track, to: resource.controller)
        let period = parameters.period(of: epoch)
        guard track.standing.score < Self.suspendBelow else {
            track.isSuspended = false
            return
        }
        guard !track.isSuspended else { return }
        track.isSuspended = true
        // A resource that is retired already may be suspended once more before its last epochs are settled.
        let recent = track.suspensions.filter { $0 + Self.suspensionPeriods > period } + [period]
        track.suspensions = recent.suffix(Track.suspensionsMax)
        guard track.suspensions.count >= Track.suspensionsMax,
            var current = try state.load(.resource(resource.id)), !current.isRetired
        else { return }
        try burn(track.held)
        track.held = .zero
        current.isRetired = true
        state.store(.resource(resource.id), current)
        try remove(resource.number, RecordKey.liveNumbers)
    }

    private static var suspendBelow: UInt64 { 600_000 }
    private static var suspensionPeriods: UInt64 { 90 }
}

extension Track {
    /// Streaks of so many weeks of seven periods are worth five, ten and fifteen per cent.
    private static let levels: [UInt64] = [3 * 7, 21 * 7, 36 * 7]

    func level(perPeriod epochs: UInt64) -> Int { Self.levels.count { streak >= $0 * epochs } }

    func streakPPM(perPeriod epochs: UInt64) -> UInt32 {
        1_000_000 + 50_000 * UInt32(level(perPeriod: epochs))
    }

    /// Three epochs with a failure cost a level.
    mutating func miss(perPeriod epochs: UInt64) {
        misses += 1
        guard misses >= 3 else { return }
        misses = 0
        let level = level(perPeriod: epochs)
        streak = level >= 2 ? Self.levels[level - 2] * epochs : 0
    }
}
