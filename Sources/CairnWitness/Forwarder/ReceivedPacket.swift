import CairnWire

/// Why a packet that a forwarder reported is not used.
public enum PacketRefusal: Int, Sendable, CaseIterable {
    case damaged, notLoRa, incomplete, tooLong, badData

    public var words: String {
        switch self {
        case .damaged: "its checksum was wrong or missing"
        case .notLoRa: "it is not LoRa"
        case .incomplete: "a field that is needed is missing or out of range"
        case .tooLong: "its payload is longer than a radio frame"
        case .badData: "its payload is not base64, or not as long as it says"
        }
    }
}

extension Reception {
    /// From one element of `rxpk`. Unknown members are ignored, those that only some forwarders send may be missing.
    static func read(_ packet: LooseValue, payloadMax: Int) -> Result<Reception, PacketError> {
        if let status = packet["stat"]?.scaled(0), status != 1 { return .failure(PacketError(.damaged)) }
        guard packet["modu"]?.text ?? "LORA" == "LORA" else { return .failure(PacketError(.notLoRa)) }
        guard let rate = packet["datr"]?.text.flatMap({ DataRate($0) }),
            let frequency: UInt32 = packet["freq"]?.integer(places: 6),
            let strength: Int16 = packet["rssi"]?.integer(places: 1),
            let ratio: Int16 = packet["lsnr"]?.integer(places: 1),
            let data = packet["data"]?.text
        else { return .failure(PacketError(.incomplete)) }
        guard data.utf8.count <= 2 * payloadMax else { return .failure(PacketError(.tooLong)) }
        guard let payload = try? Base64.decode(data, .tolerant, limit: payloadMax) else {
            return .failure(PacketError(.badData))
        }
        if let size = packet["size"]?.scaled(0), size != payload.count { return .failure(PacketError(.badData)) }
        let fine: UInt32? = packet["ftime"]?.integer()
        return .success(
            Reception(
                payload: payload, frequency: frequency, spreading: rate.spreading, bandwidth: rate.bandwidth,
                strength: strength, signalStrength: packet["rssis"]?.integer(places: 1), signalToNoise: ratio,
                counter: packet["tmst"]?.integer() ?? 0, fineTime: fine.flatMap { $0 < 1_000_000_000 ? $0 : nil }))
    }

    struct PacketError: Error {
        let refusal: PacketRefusal
        init(_ refusal: PacketRefusal) { self.refusal = refusal }
    }

    /// As a forwarder reports it: what the radio simulator says.
    public var forwarderJSON: String {
        let rate = DataRate(spreading: spreading, bandwidth: bandwidth).text
        let signal = signalStrength.map { ",\"rssis\":\(Int($0) / 10)" } ?? ""
        let fine = fineTime.map { ",\"ftime\":\($0)" } ?? ""
        return
            "{\"jver\":1,\"tmst\":\(counter)\(fine),\"chan\":0,\"rfch\":0,\"freq\":\(decimalText(Int64(frequency), places: 6))"
            + ",\"mid\":0,\"stat\":1,\"modu\":\"LORA\",\"datr\":\"\(rate)\",\"codr\":\"4/5\"\(signal)"
            + ",\"lsnr\":\(decimalText(Int64(signalToNoise), places: 1)),\"foff\":0,\"rssi\":\(floorTenths(strength))"
            + ",\"size\":\(payload.count),\"data\":\"\(Base64.encode(payload))\"}"
    }
}

/// Tenths as whole numbers, rounded down: forwarders report strength in whole decibels.
func floorTenths(_ tenths: Int16) -> Int16 { tenths >= 0 ? tenths / 10 : (tenths - 9) / 10 }

/// A whole number of 10^−places as decimal text.
func decimalText(_ value: Int64, places: Int) -> String {
    var digits = String(value.magnitude)
    if digits.utf8.count <= places {
        digits = String(repeating: "0", count: places + 1 - digits.utf8.count) + digits
    }
    let cut = digits.index(digits.endIndex, offsetBy: -places)
    return (value < 0 ? "-" : "") + digits[..<cut] + "." + digits[cut...]
}
