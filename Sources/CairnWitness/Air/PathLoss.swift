import CairnBase

/// What a radio wave loses on its way through nothing, in hundredths of a decibel.
public enum PathLoss {
    /// 20 log10 d + 20 log10 f − 147.55 dB, by whole numbers. Distance and frequency of zero count as one.
    public static func freeSpace(metres: UInt64, hertz: UInt32) -> Int64 {
        2 * logarithm(UInt32(clamping: metres)) + 2 * logarithm(hertz) - 14_755
    }

    static func logarithm(_ value: UInt32) -> Int64 { Int64(max(1, value).thousandLog10 ?? 0) }
}
