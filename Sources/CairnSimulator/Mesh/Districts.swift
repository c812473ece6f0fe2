import CairnBase

/// Where simulated nodes are seen: three to a district, so that what comes from distinct networks matters.
extension Endpoint {
    private static let first: UInt32 = 0x2000_0001

    static func simulated(_ index: Int) -> Endpoint {
        Endpoint(IPAddress(v4: first + UInt32(index / 3) << 16 + UInt32(index % 3) << 8), port: 7_470)
    }

    /// The number of the node that is seen there.
    var simulatedIndex: Int? {
        guard let number = address.v4, number >= Self.first else { return nil }
        let rest = number - Self.first
        let index = Int(rest >> 16) * 3 + Int(rest >> 8 & 255)
        return self == .simulated(index) ? index : nil
    }
}
