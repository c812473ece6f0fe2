import CairnBase
import CairnCrypto
import CairnWire

/// The kinds of keys a person handles, by the words they are called on the command line.
enum KeyKind: String, CaseIterable, Sendable {
    case node, validator, account, device, storage

    /// Those that every home has from the start.
    static let ofEveryHome: [KeyKind] = [.node, .validator, .account]

    var role: Keystore.Role {
        switch self {
        case .node: .node
        case .validator: .validator
        case .account: .account
        case .device: .device
        case .storage: .storage
        }
    }

    static let argument = Argument(
        name: "KIND",
        summary: "node: who this node is in the mesh · validator: what it votes with · account: what owns tokens"
            + " · device: what a resource answers with · storage: what objects with holders are sealed under",
        value: .choice(allCases.map(\.rawValue)))
}

/// What can be said about a key without opening it.
struct KeyDescription: Sendable, Equatable {
    let name: String
    let file: String
    let role: Keystore.Role
    let publicKey: PublicKey
    let isDevelopment: Bool

    init(name: String, file: String, _ keystore: Keystore) {
        self.name = name
        self.file = file
        role = keystore.role
        publicKey = keystore.publicKey
        isDevelopment = keystore.isDevelopment
    }

    /// The text others know this key by.
    var id: String {
        switch role {
        case .node: NodeID(publicKey).peerID
        case .account: AccountID(publicKey).text
        case .validator, .device, .storage: publicKey.description
        }
    }

    /// The three words that stand for a node beside its id.
    var words: String? {
        role == .node ? NodeName(of: NodeID(publicKey), using: Blake2b()).description : nil
    }

    var protection: String { isDevelopment ? "none (development)" : "passphrase" }

    var fields: [JSON.Member] {
        [
            .init("name", .string(name)), .init("kind", .string("\(role)")), .init("id", .string(id)),
        ]
            + (words.map { [.init("words", .string($0))] } ?? []) + [
                .init("public_key", .string(publicKey.description)), .init("development", .bool(isDevelopment)),
                .init("file", .string(file)),
            ]
    }

    /// One fact to a line.
    var text: String {
        var rows = [("key", name), ("kind", "\(role)"), (role == .node ? "peer id" : "id", id)]
        if let words { rows.append(("words", words)) }
        if role == .node || role == .account { rows.append(("public key", publicKey.description)) }
        rows += [("protection", protection), ("file", file)]
        return rows.map { "\(padded($0.0, to: 10))  \($0.1)\n" }.joined()
    }
}
