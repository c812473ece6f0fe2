import CairnBase
import CairnWire

/// The decoders of keys, addresses and text, which all come down to: accepted means canonical.
extension FuzzTarget {
    static let protobufMessage = FuzzTarget("protobuf") { try protobuf($0) }

    static func protobuf(_ bytes: [UInt8]) throws {
        var reader = ProtobufReader(bytes.span.bytes, fieldLimit: 64, order: .ascending)
        var writer = ProtobufWriter()
        do {
            while let field = try reader.next() {
                if let value = try? field.varint() { writer.varint(field.number, value) }
                if let value = try? field.fixed64() { writer.fixed64(field.number, value) }
                if let value = try? field.fixed32() { writer.fixed32(field.number, value) }
                if let value = try? field.bytes(limit: .max) { writer.bytes(field.number, value) }
            }
        } catch { return }
        try require(writer.bytes == bytes, "a protobuf message has two encodings")
    }

    static func publicKey(_ bytes: [UInt8]) throws {
        guard let key = try? PublicKey(protobuf: bytes.span.bytes) else { return }
        try require(key.protobuf == bytes, "a key message has two encodings")
    }

    static func peerIDBytes(_ bytes: [UInt8]) throws {
        guard let node = try? NodeID(peerID: bytes) else { return }
        try require(node.peerIDBytes == bytes, "a peer id has two encodings")
    }

    static func multiaddrBytes(_ bytes: [UInt8]) throws {
        guard let address = try? Multiaddr(bytes: bytes) else { return }
        try require(address.bytes == bytes, "\(address) has two encodings")
        try require((try? Multiaddr(text: address.description)) == address, "\(address) does not read its own text")
    }

    static func multiaddrText(_ bytes: [UInt8]) throws {
        try text(bytes, { try? Multiaddr(text: $0) }, \.description, oneSpelling: false)
    }

    static func peerIDText(_ bytes: [UInt8]) throws {
        try text(bytes, { try? NodeID(peerID: $0) }, \.peerID, oneSpelling: false)
    }

    static func accountText(_ bytes: [UInt8]) throws {
        try text(bytes, { try? AccountID(text: $0) }, \.text, oneSpelling: false)
    }

    static func base32(_ bytes: [UInt8]) throws {
        try text(bytes, { try? Base32.decode($0, limit: 256) }, { Base32.encode($0) }, oneSpelling: true)
    }

    static func base58(_ bytes: [UInt8]) throws {
        try text(bytes, { try? Base58.decode($0, limit: 64) }, { Base58.encode($0) }, oneSpelling: true)
    }

    static func base64(_ bytes: [UInt8]) throws {
        try text(bytes, { try? Base64.decode($0, limit: 256) }, { Base64.encode($0) }, oneSpelling: true)
    }

    static func tolerantBase64(_ bytes: [UInt8]) throws {
        try text(
            bytes, { try? Base64.decode($0, .tolerant, limit: 256) }, { Base64.encode($0) }, oneSpelling: false)
    }

    static func bech32m(_ bytes: [UInt8]) throws {
        try text(
            bytes, { try? Bech32m.decode(prefix: "cn", $0) }, { Bech32m.encode(prefix: "cn", $0) }, oneSpelling: false)
    }

    static func ipv4(_ bytes: [UInt8]) throws {
        try text(bytes, { IPv4Address($0) }, \.description, oneSpelling: true)
    }

    static func ipv6(_ bytes: [UInt8]) throws {
        try text(bytes, { IPv6Address($0) }, \.description, oneSpelling: false)
    }

    static func hostName(_ bytes: [UInt8]) throws {
        try text(bytes, { DNSName($0) }, \.description, oneSpelling: true)
    }

    static func protocolName(_ bytes: [UInt8]) throws {
        try text(bytes, { ProtocolName(text: $0) }, \.description, oneSpelling: true)
    }

    /// What is accepted must be read back from its own text, and with one spelling that text is the input.
    private static func text<Value: Equatable>(
        _ bytes: [UInt8], _ decode: (String) -> Value?, _ encode: (Value) -> String, oneSpelling: Bool
    ) throws {
        guard let input = String(validating: bytes, as: UTF8.self), let value = decode(input) else { return }
        let text = encode(value)
        try require(decode(text) == value, "'\(input)' is written as '\(text)', which is read differently")
        try require(!oneSpelling || text.utf8.elementsEqual(bytes), "'\(input)' and '\(text)' mean the same")
    }
}
