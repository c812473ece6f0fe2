internal import CairnBase
internal import CairnCrypto
internal import CairnGossip
internal import CairnTransport
internal import CairnWire

/// What a node does with what it learns about whether others can dial it.
extension NodeShell {
    func openReachability(_ mesh: MeshShell, _ book: AddressBookShell) -> ReachabilityShell? {
        guard let network else { return nil }
        let shell = ReachabilityShell(
            on: loop, network, of: id, on: configuration.chain, listening: mesh.local, log: output.logger("p2p")
        ) { [unowned self] body in
            identity.key.sign(body, tag: DialBackResult.domainTag, chain: configuration.chain)
        }
        network.onAddress = { [unowned self, unowned book, unowned shell] input in
            if case .reached(let node, let endpoint) = input { bans?.reached(node, at: endpoint) }
            book.handle(input)
            shell.hear(input)
        }
        shell.onChange = { [unowned self] state, endpoint in advertise(state, endpoint) }
        return shell
    }

    /// A node that nobody is to dial needs no port of a router.
    func openPortMapping(at listening: Endpoint) -> PortMappingShell? {
        guard configuration.mapsPort, !configuration.isOutboundOnly, network != nil else { return nil }
        let shell = PortMappingShell(on: loop, listening: listening, log: output.logger("p2p"))
        // What the router says is only where members are asked to dial.
        shell.onChange = { [unowned self] endpoint in
            if !isStopping { reachability?.hear(mapped: endpoint) }
        }
        return shell
    }

    /// Where nobody can dial us nobody is told to; where all can, everybody is.
    private func advertise(_ state: Reachability.State, _ endpoint: Endpoint?) {
        guard let mesh, let network else { return }
        let listening = mesh.local.address.isUnspecified ? nil : mesh.local
        let address: Endpoint? =
            switch state {
            case .reachable: endpoint
            case .unreachable: nil
            case .unknown: listening
            }
        mesh.advertise([address].compactMap(\.self))
        guard !configuration.isOutboundOnly, network.advertised != address else { return }
        network.advertised = address
        network.record = peerRecord(of: address)
    }

    /// What a libp2p node is shown; nothing while there is no address to show.
    func peerRecord(of endpoint: Endpoint?) -> [UInt8] {
        guard let endpoint else { return [] }
        return PeerRecord.seal(
            sequence: Clock.wall().millisecondsSince1970, addresses: [.tcp(endpoint)].compactMap(\.self),
            key: identity.key)
    }
}
