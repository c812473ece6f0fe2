internal import CairnBase
internal import CairnGossip
internal import CairnTransport
internal import CairnWire

/// How a node fills its address book, and dials from it.
extension NodeShell {
    func openAddresses(_ mesh: MeshShell) -> AddressBookShell {
        let book = AddressBookShell(
            on: loop, at: configuration.home + "/peers.book", of: id, limits: configuration.limits.addresses,
            log: output.logger("p2p"))
        mesh.onRecord = { [unowned self, unowned book] record, informant in
            guard let endpoint = record.content.addresses.first, record.node != informant,
                let member = mesh.membership.members[informant]
            else { return }
            // A member may write any source on its datagrams, and speak for as many districts. Those that are not connected over
            // TCP have one voice together. Without TCP there is nothing better than the datagram.
            let proven = network.map { $0.place(of: informant) ?? .any } ?? member.endpoint.address
            book.handle(.learned(record.node, at: endpoint, from: informant, source: proven))
        }
        // Both ways at once: over UDP it becomes a member, over TCP it shows that blocks would come through.
        book.onReach = { [unowned self] address in
            mesh.ask(address.endpoint)
            network?.probe(address)
        }
        return book
    }

    /// Names that list peers are asked while too few members are present.
    func openSeeds(_ mesh: MeshShell, _ book: AddressBookShell) -> SeedShell? {
        guard !configuration.seeds.isEmpty else { return nil }
        var settings = SeedSettings()
        settings.takesPrivate = mesh.local.address.isPrivate
        let shell = SeedShell(configuration.seeds, on: loop, log: output.logger("p2p"), settings: settings)
        shell.members = { [unowned mesh] in mesh.membership.members.count { $0.value.isPresent } }
        shell.onFound = { [unowned book] node, endpoint, name in
            book.handle(.listed(node, at: endpoint, by: name))
        }
        return shell
    }
}
