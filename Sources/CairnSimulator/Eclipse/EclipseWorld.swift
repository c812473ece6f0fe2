import CairnBase
import CairnGossip
import CairnWire

/// Who there is in a trial of surrounding: honest nodes, a newcomer, and hostile machines that each speak under many names.
/// Each machine stands in a district of its own, so that an attacker has as many districts as machines.
struct EclipseWorld {
    let honest: Int
    let machines: Int
    let namesPerMachine: Int
    let chain: ChainID
    private(set) var nodes: [NodeID] = []
    private(set) var records: [NodeRecord] = []
    // ORDER: looked up by node only.
    private(set) var names: [NodeID: Int] = [:]
    private let scheme: KeyedHashScheme

    init(_ setting: EclipseTrial.Setting, random: inout SeededRandom) {
        (honest, machines, namesPerMachine) = (setting.honest, setting.machines, setting.namesPerMachine)
        scheme = KeyedHashScheme(seed: random.next())
        chain = ChainID(scheme.signingKey(-1).publicKey.raw)
        for name in 0..<count {
            let node = NodeID(scheme.signingKey(name).publicKey)
            nodes.append(node)
            names[node] = name
            records.append(record(name, sequence: MembershipWorld.unixStart))
        }
    }

    /// The honest come first, then the newcomer, then the names of the hostile.
    var newcomer: Int { honest }
    var hostile: Range<Int> { honest + 1..<count }
    private var count: Int { honest + 1 + machines * namesPerMachine }

    func machine(of name: Int) -> Int { (name - honest - 1) / namesPerMachine }

    func endpoint(_ name: Int) -> Endpoint {
        guard hostile.contains(name) else {
            return Endpoint(IPAddress(v4: 0x2000_0001 + UInt32(name) << 16), port: 7_470)
        }
        let port = 7_470 + (name - honest - 1) % namesPerMachine
        return Endpoint(
            IPAddress(v4: 0x6000_0001 + UInt32(machine(of: name)) << 16), port: UInt16(truncatingIfNeeded: port))
    }

    func name(at endpoint: Endpoint) -> Int? {
        guard let bits = endpoint.address.v4 else { return nil }
        let district = Int(bits >> 16)
        if district < 0x6000 {
            let name = district - 0x2000
            return (0...honest).contains(name) ? name : nil
        }
        let name = honest + 1 + (district - 0x6000) * namesPerMachine + Int(endpoint.port) - 7_470
        return hostile.contains(name) ? name : nil
    }

    func record(_ name: Int, sequence: UInt64) -> NodeRecord {
        let datagramKey = scheme.signingKey(name | 1 << 40).publicKey.raw
        return scheme.signingKey(name).record(
            datagramKey: datagramKey, sequence: sequence, at: endpoint(name), on: chain)
    }

    func verified(_ record: NodeRecord) -> Verified<NodeRecord>? {
        scheme.verify(record, by: record.node.key, on: chain)
    }
}
