public import CairnBase
public import CairnStorage

/// A sealed profile as a cheat meets it: its terms, how much lies in a partition, and when it is asked.
public enum StorageProfile: String, Sendable, CaseIterable {
    case solid, spinning, testnet

    public var terms: WalkTerms {
        switch self {
        case .solid: .solidState
        case .spinning: .spinning
        case .testnet: .testnet
        }
    }

    /// The largest partition: 256 GiB, and 64 MiB on a test network.
    public var units: UInt32 { self == .testnet ? 64 : 262_144 }

    /// The smallest one.
    public var fewestUnits: UInt32 { self == .testnet ? 64 : 1_024 }

    var schedule: RoundSchedule? {
        self == .testnet
            ? RoundSchedule(epochBlocks: 30, period: 1, pace: .seconds(1))
            : RoundSchedule(epochBlocks: 600, period: 24, pace: .seconds(2))
    }

    /// What a disk of its kind takes to find one leaf.
    public var read: TimeSpan { self == .spinning ? .milliseconds(12) : .microseconds(200) }
}
