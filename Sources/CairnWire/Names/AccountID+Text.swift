public import CairnBase

/// An account in text: bech32m with the prefix `cn`, 61 characters.
extension AccountID {
    public static let textPrefix = "cn"

    public var text: String { Bech32m.encode(prefix: Self.textPrefix, raw.bytes) }

    public init(text: some StringProtocol) throws(DecodeError) {
        guard let raw = Bytes32(try Bech32m.decode(prefix: Self.textPrefix, text)) else {
            throw .invalid("account length")
        }
        self.init(raw)
    }
}
