import CairnBase
import CairnWire

/// What a testnet is to be made of: what flags say, a file of `Testnet/manifests`, or the head of a scenario.
///
/// ```toml
/// [testnet]
/// nodes = 12
/// town = "../places/two-towns.toml"
/// holders = "n4,n5,n6,n7,n8,n9,n10,n11"
/// room = "64MiB"
/// scenario = "../scenarios/first-look.toml"
/// ```
struct TestnetPlan: Sendable, Equatable {
    var nodes = 4
    var seed: UInt64 = 42
    /// Milliseconds between blocks; nil for what is usual.
    var pace: UInt64?
    /// With gateways, at the places of this file.
    var town: String?
    /// The numbers of the nodes that keep pieces for others.
    var holders: [Int] = []
    /// How many bytes each of them keeps.
    var room: UInt64 = 64 << 20
    /// The numbers of the holders that seal a partition too.
    var sealers: [Int] = []
    /// Played once the new testnet works.
    var scenario: String?

    static let keys = ["nodes", "seed", "pace", "town", "holders", "room", "sealed"]

    init() {}

    /// A file of its own.
    init(file: String, text: String) throws(Failure) {
        let reader = TableReader(file: file, code: .planInvalid)
        let document = try reader.document(text)
        guard let head = document["testnet"] else {
            throw Failure(.planInvalid, "\(file): there is no [testnet] that says what to make")
        }
        for table in document.tables where table.path != ["testnet"] && !(table.path.isEmpty && table.entries.isEmpty) {
            throw Failure(.planInvalid, "\(file):\(table.line): only [testnet] belongs here")
        }
        try reader.check(head, knows: Self.keys + ["scenario"])
        try self.init(head, reader)
        scenario = try reader.path(head, "scenario")
    }

    /// A table that holds these keys beside others.
    init(_ table: TOML.Table, _ reader: TableReader) throws(Failure) {
        nodes = try reader.number(table, "nodes", in: 1...Int64(TestnetManifest.nodeLimit)).map { Int($0) } ?? nodes
        seed = try reader.number(table, "seed", in: 0...Int64.max).map { UInt64($0) } ?? seed
        pace = try reader.number(table, "pace", in: 0...Int64(TestnetManifest.paceMax)).map { UInt64($0) }
        town = try reader.path(table, "town")
        holders = try numbers(of: "holders", table, reader)
        sealers = try numbers(of: "sealed", table, reader)
        guard town != nil || sealers.isEmpty, sealers.allSatisfy(holders.contains) else {
            throw Failure(reader.code, "\(reader.file):\(table.line): only holders in a town are sealed ones too")
        }
        if let text = try reader.text(table, "room") {
            guard let count = byteCount(text), count > 0 else {
                throw Failure(
                    reader.code, "\(reader.file):\(table.line): room \(quoted(text)) is not a size such as 64MiB")
            }
            room = count
        }
    }

    /// The nodes that a list names.
    private func numbers(of key: String, _ table: TOML.Table, _ reader: TableReader) throws(Failure) -> [Int] {
        var numbers: [Int] = []
        for name in try reader.text(table, key)?.split(separator: ",", omittingEmptySubsequences: false) ?? [] {
            guard let index = names.firstIndex(of: String(name)), !numbers.contains(index) else {
                throw Failure(
                    reader.code,
                    "\(reader.file):\(table.line): \(key) has \(quoted(String(name))), no node or twice")
            }
            numbers.append(index)
        }
        return numbers
    }

    /// What its nodes are called.
    var names: [String] { (0..<nodes).map { "n\($0)" } }
}
