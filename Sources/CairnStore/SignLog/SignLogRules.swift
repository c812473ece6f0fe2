/// The rules of the sign log that tests can lift, one at a time, to see what breaks.
///
/// Outside tests every rule is in force: no log that is opened by its directory is given anything else.
struct SignLogRules: OptionSet {
    let rawValue: UInt8

    /// What was read is written again and synced before it is believed: it may have come from a cache.
    static let rewriteTail = SignLogRules(rawValue: 1)
    /// A slot whose first copy is bad is read from the second.
    static let secondCopy = SignLogRules(rawValue: 2)
    /// A hole in front of something sound is a loss and not an end.
    static let holeIsLoss = SignLogRules(rawValue: 4)
    /// A new segment is durable before the old one names it.
    static let announceLast = SignLogRules(rawValue: 8)

    static let all: SignLogRules = [rewriteTail, secondCopy, holeIsLoss, announceLast]
}
