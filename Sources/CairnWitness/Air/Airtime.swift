public import CairnBase

/// How long a LoRa frame is on the air at 125 kHz with coding rate 4/5, a preamble of 8 and an explicit header.
///
/// Source: the formula of Semtech's SX1276 data sheet, section 4.1.1.7.
public enum Airtime {
    public static func of(payload count: Int, spreading: UInt8) -> TimeSpan {
        let spreading = min(max(spreading, 7), 12)
        // One symbol is 2^SF chips of 8 µs.
        let symbol = UInt64(8) << UInt64(spreading)
        let slow = spreading >= 11 ? 2 : 0
        let bits = 8 * min(count, 255) - 4 * Int(spreading) + 28 + 16
        let perBlock = 4 * (Int(spreading) - slow)
        let blocks = max(0, (bits + perBlock - 1) / perBlock)
        // The preamble takes 12 and a quarter symbols.
        let quarters = 49 + 4 * UInt64(8 + 5 * blocks)
        return .microseconds(symbol * quarters / 4)
    }
}
