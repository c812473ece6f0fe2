/// What one coverage challenge is worth, by how many witnesses took seats: a beacon that more hear is worth more, with
/// less for each further one, and a witness shares with those beside it.
public enum CoverageUnits {
    /// For the beaconer, in parts per million.
    public static func beacon(witnesses: Int) -> UInt64 {
        switch witnesses {
        case ...0: 0
        case ...full: 250_000 * UInt64(witnesses)
        default: 2_000_000 - decay(witnesses - full)
        }
    }

    /// For each witness, in parts per million.
    public static func witness(witnesses: Int) -> UInt64 {
        switch witnesses {
        case ...0: 0
        case ...full: 1_000_000
        default: (3_000_000 + decay(witnesses - full)) / UInt64(witnesses)
        }
    }

    /// Up to here every witness counts in full.
    private static let full = 4

    /// 0.8 to the given power in parts per million, rounded down at every step.
    private static func decay(_ power: Int) -> UInt64 {
        var value: UInt64 = .millionPPM
        for _ in 0..<min(power, 128) { value = value * 8 / 10 }
        return value
    }

    /// What the k-th use of one pair in an epoch, from 1, is worth: two that always meet prove less each time.
    public static func repeated(_ use: Int) -> UInt64 {
        switch use {
        case 1: 1_000_000
        case 2: 500_000
        case 3: 250_000
        default: 0
        }
    }
}
