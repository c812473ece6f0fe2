/// Where in the spectrum a gateway may send, and how loud: the channels of LoRaWAN's regional parameters (RP002).
public enum Region: UInt8, Sendable, CaseIterable {
    case eu868 = 1
    case us915 = 2

    public var name: String {
        switch self {
        case .eu868: "EU868"
        case .us915: "US915"
        }
    }

    /// In hertz.
    public var channels: [UInt32] {
        switch self {
        case .eu868:
            [868_100_000, 868_300_000, 868_500_000, 867_100_000, 867_300_000, 867_500_000, 867_700_000, 867_900_000]
        // The second sub-band, which most networks use.
        case .us915:
            [903_900_000, 904_100_000, 904_300_000, 904_500_000, 904_700_000, 904_900_000, 905_100_000, 905_300_000]
        }
    }

    /// The largest power of an ideal antenna in all directions, in hundredths of a decibel above a milliwatt.
    public var maximumPower: Int64 {
        switch self {
        case .eu868: 1_600
        case .us915: 3_000
        }
    }

    /// The bandwidth of a beacon: code 0, 125 kHz.
    public static let beaconBandwidth: UInt8 = 0
}
