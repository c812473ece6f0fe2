/// What a gateway says about a frame it was told to send.
public enum SendOutcome: Sendable, Hashable {
    case accepted
    /// Sent, at another power than asked for.
    case power(Int)
    /// Not sent; the protocol's word for why.
    case refused(String)

    /// From the text of a TX_ACK. Older gateways send none, or the word NONE, or the power as an error.
    init?(text: [UInt8]) {
        guard !text.isEmpty else {
            self = .accepted
            return
        }
        guard let value = LooseReader.read(text) else { return nil }
        guard let acknowledgement = value["txpk_ack"] else {
            self = .accepted
            return
        }
        if let power = acknowledgement["value"]?.scaled(0) {
            self = .power(Int(clamping: power))
            return
        }
        let word = acknowledgement["error"]?.text ?? acknowledgement["warn"]?.text ?? "NONE"
        switch word {
        case "NONE", "TX_POWER": self = .accepted
        default: self = .refused(String(word.prefix(32)))
        }
    }

    /// The text of a gateway's TX_ACK for it.
    public var text: [UInt8] {
        switch self {
        case .accepted: Array("{\"txpk_ack\":{\"error\":\"NONE\"}}".utf8)
        case .power(let power): Array("{\"txpk_ack\":{\"warn\":\"TX_POWER\",\"value\":\(power)}}".utf8)
        case .refused(let word): Array("{\"txpk_ack\":{\"error\":\"\(word)\"}}".utf8)
        }
    }
}
