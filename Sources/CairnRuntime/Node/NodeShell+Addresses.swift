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
        mesh.onRecord = { [unowned book] record, informant in
            guard let source = mesh.membership.members[informant]?.endpoint.address,
                let endpoint = record.content.addresses.first, record.node != informant
            else { return }
            book.handle(.learned(record.node, at: endpoint, from: informant, source: source))
        }
        // Both ways at once: over UDP it becomes a member, over TCP it shows that blocks would come through.
        book.onReach = { [unowned self] address in
            mesh.ask(address.endpoint)
            network?.probe(address)
        }
        return book
    }
}
