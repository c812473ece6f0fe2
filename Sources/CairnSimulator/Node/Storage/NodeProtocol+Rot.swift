import CairnBase
import CairnStorage

/// Which files of a node may change by themselves: pieces of objects of which enough others are whole, with nodes
/// that can be counted on. What others cannot mend, the network does not promise to withstand.
extension NodeProtocol {
    public func mendableFiles(of id: ProcessID, _ hosts: [Host<NodeProcess>]) -> [String]? {
        guard let depot = world.depot, !depot.isFated(id.index),
            let rows = hosts[id.index].process?.server?.storage?.shelf.rows
        else { return [] }
        return rows.values.compactMap { row in
            let isMendable = row.lists.values.allSatisfy { listed in
                others(of: row.name, in: listed.list, but: id, hosts) >= depot.code.needed
            }
            return isMendable && !row.lists.isEmpty && !row.isDamaged ? SimulatedShelf.file(row.name.root) : nil
        }
    }

    private func others(
        of name: PieceName, in list: PieceList, but id: ProcessID, _ hosts: [Host<NodeProcess>]
    ) -> Int {
        list.roots.count { root in
            guard root != name.root, let other = PieceName(root: root, units: name.units) else { return false }
            return hosts.prefix(world.cluster.servers).contains { host in
                host.id != id && world.depot?.isFated(host.id.index) == false && Self.isWhole(other, on: host)
            }
        }
    }

    /// Whether the file of a piece is what it is called.
    static func isWhole(_ name: PieceName, on host: Host<NodeProcess>) -> Bool {
        guard let bytes = host.disk.contents(of: SimulatedShelf.file(name.root)) else { return false }
        var digest = PieceDigest()
        digest.update(bytes.span.bytes, using: MixHash())
        return digest.name(using: MixHash()) == name
    }
}
