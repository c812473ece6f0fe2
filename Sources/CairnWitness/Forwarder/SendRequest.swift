import CairnWire

/// A frame on its way through a forwarder to the air: the `txpk` of the protocol.
public struct SendRequest: Sendable, Hashable {
    public let payload: [UInt8]
    /// In hertz.
    public let frequency: UInt32
    public let spreading: UInt8
    public let bandwidth: UInt8
    /// Of the radio, in whole decibels above a milliwatt.
    public let power: Int

    public init(payload: [UInt8], frequency: UInt32, spreading: UInt8, bandwidth: UInt8, power: Int) {
        self.payload = payload
        self.frequency = frequency
        self.spreading = spreading
        self.bandwidth = bandwidth
        self.power = power
    }

    /// With every member that the reference parser insists on. The polarisation is the one towards gateways.
    public var text: [UInt8] {
        let rate = DataRate(spreading: spreading, bandwidth: bandwidth).text
        let text =
            "{\"txpk\":{\"imme\":true,\"freq\":\(decimalText(Int64(frequency), places: 6)),\"rfch\":0,\"powe\":\(power)"
            + ",\"modu\":\"LORA\",\"datr\":\"\(rate)\",\"codr\":\"4/5\",\"ipol\":false,\"prea\":8,\"ncrc\":false"
            + ",\"size\":\(payload.count),\"data\":\"\(Base64.encode(payload))\"}}"
        return Array(text.utf8)
    }

    /// Read as a gateway reads it; nil when it would refuse.
    public init?(text: [UInt8], payloadMax: Int) {
        guard let packet = LooseReader.read(text)?["txpk"], packet["modu"]?.text == "LORA",
            let frequency: UInt32 = packet["freq"]?.integer(places: 6), packet["rfch"]?.scaled(0) != nil,
            let rate = packet["datr"]?.text.flatMap({ DataRate($0) }), packet["codr"]?.text != nil,
            let data = packet["data"]?.text, data.utf8.count <= 2 * payloadMax,
            let payload = try? Base64.decode(data, .tolerant, limit: payloadMax),
            packet["size"]?.scaled(0) == Int64(payload.count)
        else { return nil }
        self.init(
            payload: payload, frequency: frequency, spreading: rate.spreading, bandwidth: rate.bandwidth,
            power: Int(clamping: packet["powe"]?.scaled(0) ?? 14))
    }
}
