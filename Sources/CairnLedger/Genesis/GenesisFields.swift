import CairnBase
import CairnWire

/// The members of one object of the file, read by name.
struct Fields {
    let json: JSON
    let path: String

    /// A member of this name is for people and changes nothing.
    static let comment = "//"

    init(_ json: JSON, at path: String, allowed: [String]) throws(GenesisError) {
        guard let members = json.object else { throw GenesisError(.wrongType("object"), at: path) }
        for member in members where !allowed.contains(member.key) {
            guard member.key == Self.comment else { throw GenesisError(.unknownKey, at: "\(path).\(member.key)") }
            guard member.value.isComment else {
                throw GenesisError(.wrongType("text or list of texts"), at: "\(path).\(member.key)")
            }
        }
        self.json = json
        self.path = path
    }

    func has(_ name: String) -> Bool { json[name] != nil }

    func value(_ name: String) throws(GenesisError) -> JSON {
        guard let value = json[name] else { throw GenesisError(.missing, at: "\(path).\(name)") }
        return value
    }

    func string(_ name: String) throws(GenesisError) -> String {
        guard let text = try value(name).string else { throw GenesisError(.wrongType("string"), at: "\(path).\(name)") }
        return text
    }

    func integer(_ name: String) throws(GenesisError) -> UInt64 {
        guard let number: UInt64 = try value(name).integer() else {
            throw GenesisError(.wrongType("whole number"), at: "\(path).\(name)")
        }
        return number
    }

    /// One of a few words.
    func word<Value: RawRepresentable<UInt8> & CaseIterable>(
        _ name: String, _ what: StaticString, _: Value.Type = Value.self
    ) throws(GenesisError) -> Value {
        let text = try string(name)
        guard let value = Value.allCases.first(where: { "\($0)" == text }) else {
            throw GenesisError(.invalidText(what), at: "\(path).\(name)")
        }
        return value
    }

    func amount(_ name: String) throws(GenesisError) -> Amount {
        guard let amount = Amount(tokens: try string(name)) else {
            throw GenesisError(.invalidText("amount"), at: "\(path).\(name)")
        }
        return amount
    }

    func account(_ name: String) throws(GenesisError) -> AccountID {
        let text = try string(name)
        guard let account = try? AccountID(text: text) else {
            throw GenesisError(.invalidText("account"), at: "\(path).\(name)")
        }
        return account
    }

    func node(_ name: String) throws(GenesisError) -> NodeID {
        let text = try string(name)
        guard let node = try? NodeID(peerID: text) else {
            throw GenesisError(.invalidText("peer id"), at: "\(path).\(name)")
        }
        return node
    }

    func key(_ name: String) throws(GenesisError) -> Bytes32 {
        guard let bytes = bytes(hex: try string(name)), let key = Bytes32(bytes) else {
            throw GenesisError(.invalidText("key"), at: "\(path).\(name)")
        }
        return key
    }

    func list<Item>(
        _ name: String, isOptional: Bool = false, _ read: (JSON, String) throws(GenesisError) -> Item
    ) throws(GenesisError) -> [Item] {
        if isOptional, !has(name) { return [] }
        guard let entries = try value(name).array else {
            throw GenesisError(.wrongType("array"), at: "\(path).\(name)")
        }
        var items: [Item] = []
        for (index, entry) in entries.enumerated() { items.append(try read(entry, "\(path).\(name)[\(index)]")) }
        return items
    }
}

extension JSON {
    fileprivate var isComment: Bool { string != nil || array?.allSatisfy { $0.string != nil } ?? false }
}
