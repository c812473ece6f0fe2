internal import CSodium
public import CairnBase

/// Chance from the operating system, for the edge only. Cores draw from a `SeededRandom` that the edge may seed here.
public enum SecureRandom {
    public static func bytes32() -> Bytes32 {
        Sodium.start()
        return Bytes32(InlineArray<32, UInt8> { randombytes_buf($0, Bytes32.count) })
    }

    public static func bytes(count: Int) -> [UInt8] {
        Sodium.start()
        var result = [UInt8](repeating: 0, count: count)
        randombytes_buf(&result, count)
        return result
    }

    /// A seed for the chance inside a core.
    public static func seed() -> UInt64 {
        bytes32().low64
    }
}
