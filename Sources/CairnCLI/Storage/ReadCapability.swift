import CairnBase
import CairnCrypto
import CairnWire

/// What it takes to read one object, as text that can be handed on: `cairnread1…`.
///
/// It holds the object's key, and no other key: whoever has it reads this object from its holders and nothing else.
struct ReadCapability: Sendable, Equatable {
    let object: StoredObject
    let key: Bytes32

    static let prefix = "cairnread1"
    private static let checksum = DomainTag("cn/read")
    private static let checksumCount = 4
    /// Of the text of a list as long as a list may be.
    static let textLimit = prefix.utf8.count + (StoredObject.fileLimit + 40) / 3 * 4 + 4

    /// Beginning with the key: key 32 | the object's list as JSON | checksum 4, in base64.
    var text: String {
        let bytes = key.bytes + Array(object.json.text.utf8)
        return Self.prefix + Base64.encode(bytes + Self.sum(bytes))
    }

    init(object: StoredObject, key: Bytes32) {
        self.object = object
        self.key = key
    }

    init(text: String) throws(DecodeError) {
        guard text.hasPrefix(Self.prefix) else { throw .invalid("prefix \(Self.prefix)") }
        let limit = StoredObject.fileLimit + Bytes32.count + Self.checksumCount
        let all = try Base64.decode(text.dropFirst(Self.prefix.count), limit: limit)
        let least = Bytes32.count + Self.checksumCount
        guard all.count > least else { throw .truncated(need: least + 1, have: all.count) }
        let bytes = Array(all.dropLast(Self.checksumCount))
        guard Array(all.suffix(Self.checksumCount)) == Self.sum(bytes) else { throw .invalid("checksum") }
        guard let key = Bytes32(Array(bytes.prefix(Bytes32.count))),
            let document = try? JSONReader.read(Array(bytes.dropFirst(Bytes32.count)), limits: StoredObject.limits),
            let object = StoredObject(document)
        else { throw .invalid("list of an object's pieces") }
        self.init(object: object, key: key)
    }

    private static func sum(_ bytes: [UInt8]) -> [UInt8] {
        Array(Blake2b().digest(checksum, bytes).raw.bytes.prefix(checksumCount))
    }
}
