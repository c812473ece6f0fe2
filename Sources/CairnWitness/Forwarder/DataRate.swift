/// A LoRa data rate as forwarders write it: "SF9BW125".
struct DataRate: Sendable, Equatable {
    let spreading: UInt8
    /// 0, 1, 2 for 125, 250, 500 kHz.
    let bandwidth: UInt8

    private static let bandwidths = ["125", "250", "500"]

    init(spreading: UInt8, bandwidth: UInt8) {
        self.spreading = spreading
        self.bandwidth = bandwidth
    }

    init?(_ text: String) {
        guard text.hasPrefix("SF") else { return nil }
        let rest = text.dropFirst(2)
        let digits = rest.prefix { $0.isASCII && $0.isNumber }
        let tail = rest.dropFirst(digits.count)
        guard let spreading = UInt8(digits), (5...12).contains(spreading), tail.hasPrefix("BW"),
            let code = Self.bandwidths.firstIndex(of: String(tail.dropFirst(2)))
        else { return nil }
        self.spreading = spreading
        bandwidth = UInt8(code)
    }

    var text: String { "SF\(spreading)BW\(Self.bandwidths[Int(min(bandwidth, 2))])" }
}
