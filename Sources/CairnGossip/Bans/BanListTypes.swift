public import CairnBase

/// What happens to a `BanList`.
public enum BanListInput: Sendable {
    /// Everybody is to know who is banned.
    case start
    /// The operator wants nothing to do with it for so long.
    case ban(BanSubject, for: TimeSpan, note: String)
    /// The operator takes it back, with everything that is remembered.
    case lift(BanSubject)
    /// A peer did what no honest one does.
    case offended(NodeID, Offence, at: IPAddress?)
    case timer
}

/// What a `BanList` wants done.
public enum BanListEffect: Sendable, Equatable {
    /// From now on these are banned, and nobody else.
    case changed(Banned)
    /// Write the list to disk.
    case save
    case setTimer(at: Instant)
}

/// How long bans last.
public struct BanSettings: Sendable {
    /// Bans that are in force or remembered.
    public var capacity = Limits.Addresses().banned
    /// For the first offence, the second, and every further one.
    public var spans: [TimeSpan] = [.seconds(3_600), .seconds(24 * 3_600), .seconds(7 * 24 * 3_600)]
    /// How long after its end a ban counts for the next one.
    public var memory: TimeSpan = .seconds(30 * 24 * 3_600)
    /// Who makes a new name for every offence loses the address: so many names in so long, and for how long. No longer:
    /// others may be behind it.
    public var crowd = 3
    public var crowdTime: TimeSpan = .seconds(24 * 3_600)
    public var crowdBan: TimeSpan = .seconds(3_600)
    public static let ownerLongest: TimeSpan = .seconds(365 * 24 * 3_600)

    public init() {}
}

/// What a `BanList` has seen.
public struct BanCounters: Sendable, Equatable {
    /// By the number of the offence; 0 is none.
    public var offences = [UInt64](repeating: 0, count: Offence.allCases.count + 1)
    public var owner: UInt64 = 0
    public var crowd: UInt64 = 0
    public var lifted: UInt64 = 0
    /// Bans for which there was no room.
    public var refused: UInt64 = 0
}
