public import CairnBase
import CairnConsensus
import CairnCrypto
import CairnLedger
import CairnNode
import CairnWire

/// What peers say, checked before the core hears of it.
extension ChainShell: PeerNetworkHandler {
    public func peerConnected(_ node: NodeID) {
        let hello = ChainHello(
            chain: chain, network: configuration.genesis.network, agent: configuration.agent,
            height: core.executed, time: Clock.wall().millisecondsSince1970)
        network.send(NodeMessage.hello(hello).encoded, to: node, urgent: true)
    }

    public func peerDisconnected(_ node: NodeID) {
        guard hellos.removeValue(forKey: node) != nil else { return }
        handle(.peerLeft(node))
    }

    public func peerSent(_ node: NodeID, _ bytes: [UInt8]) {
        guard let message = try? NodeMessage.decode(bytes, limit: NodeMessage.byteLimit) else {
            return network.disconnect(node, because: "it sent a message that cannot be read")
        }
        guard hellos[node] != nil else { return greet(message, from: node) }
        switch message {
        case .hello: break
        case .consensus(let message): receive(message, from: node)
        case .transaction(let transaction): receive(transaction, byteCount: bytes.count - 1)
        case .blockWanted(let digest): handle(.blockWanted(digest, by: node))
        case .block(let block): handle(.consensus(.blocks([block])))
        case .rangeWanted(let first): ask(.range(first: first, to: node))
        case .range(_, let blocks): handle(.range(blocks, from: node))
        }
    }

    /// Whoever is on another network, or speaks another version, learns why nothing comes of it.
    private func greet(_ message: NodeMessage, from node: NodeID) {
        guard case .hello(let hello) = message else {
            return network.disconnect(node, because: "it did not say hello first")
        }
        let ours = ChainHello(
            chain: chain, network: configuration.genesis.network, agent: configuration.agent,
            height: core.executed, time: Clock.wall().millisecondsSince1970)
        if let reason = ours.mismatch(with: hello) { return network.disconnect(node, because: reason) }
        hellos[node] = hello
        handle(.peerJoined(node))
    }

    private func receive(_ message: ConsensusMessage, from node: NodeID) {
        do throws(VerificationError) {
            handle(.consensus(.message(try verifier.verify(message), from: node)))
        } catch {
            guard case .unknownEpoch = error else {
                return network.disconnect(node, because: "it sent a consensus message that is not valid (\(error))")
            }
            // Of an epoch that is not known here: the head of the message still tells who is ahead.
            handle(.consensus(.position(message.position, from: node)))
        }
    }

    private func receive(_ transaction: Transaction, byteCount: Int) {
        guard transaction.chainPrefix == chain.prefix,
            !core.pool.contains(transaction.id(chain: chain, using: hash)),
            let verified = transactionVerifier.verify(Claim(transaction, by: transaction.key))
        else { return }
        admit(verified, byteCount: byteCount, ticket: TransactionTickets.nobody)
    }

    func send(_ message: NodeMessage, to node: NodeID) {
        network.send(message.encoded, to: node, urgent: message.isUrgent)
    }

    func broadcast(_ message: NodeMessage) {
        let bytes = message.encoded
        for node in hellos.keys.sorted() { network.send(bytes, to: node, urgent: message.isUrgent) }
    }
}
