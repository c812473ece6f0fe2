public import CairnBase
import CairnConsensus
import CairnCrypto
import CairnLedger
import CairnNode
public import CairnTransport
import CairnWire
import CairnWitness

/// What peers say, checked before the core hears of it.
extension ChainShell: PeerNetworkHandler {
    public var peerHello: PeerHello? {
        PeerHello(
            chain: chain, network: configuration.genesis.network, agent: configuration.agent,
            height: core.executed, time: wall().millisecondsSince1970)
    }

    public func peerConnected(_ node: NodeID, _ hello: PeerHello) { meet(node) }

    /// A peer of this chain is connected.
    func meet(_ node: NodeID) {
        peers.insert(node)
        handle(.peerJoined(node))
    }

    public func peerDisconnected(_ node: NodeID) {
        guard peers.remove(node) else { return }
        handle(.peerLeft(node))
    }

    public func peerSent(_ node: NodeID, _ bytes: [UInt8]) {
        guard let message = try? NodeMessage.decode(bytes, limit: NodeMessage.byteLimit) else {
            return network.disconnect(node, because: "it sent a message that cannot be read")
        }
        switch message {
        case .consensus(let message): check(message, bytes.count, from: node)
        case .transaction(let transaction): receive(transaction, byteCount: bytes.count - 1, from: node)
        }
    }

    /// Votes come by datagram from now on, and leave so.
    func join(_ mesh: MeshShell) {
        self.mesh = mesh
        mesh.onVote = { [weak self] node, bytes in
            // Who is not connected cannot be disconnected if this is not true: what matters comes again.
            guard let self, peers.contains(node) else { return }
            peerSent(node, bytes)
        }
    }

    private func check(_ message: ConsensusMessage, _ byteCount: Int, from node: NodeID) {
        let lean = core.consensus.lean(message)
        verify(
            .message(lean, from: node, verifier, checked: Set(core.consensus.held(of: lean))), byteCount, from: node)
    }

    /// From a peer, or from our own journal after a restart: what is on disk is no more trusted than a stranger.
    func receive(_ transaction: Transaction, byteCount: Int, from node: NodeID?) {
        guard transaction.chainPrefix == chain.prefix,
            !core.pool.contains(transaction.id(chain: chain, using: hash))
        else { return }
        verify(
            .transaction(transaction, byteCount: byteCount, ticket: Submission.nobody), byteCount, from: node)
    }

    /// What came of checking, in the order in which it was asked for.
    func answered(_ answer: VerifyDesk.Answer) {
        switch answer {
        case .message(let message, let node): handle(.consensus(.message(message, from: node)))
        case .refused(let position, let node, .unknownEpoch):
            // Of an epoch that is not known here: the head of the message still tells who is ahead.
            handle(.consensus(.position(position, from: node)))
        case .refused(_, let node, let error):
            network.disconnect(node, because: "it sent a consensus message that is not valid (\(error))")
        case .payload(let block, let transactions): handle(.verified(block: block, transactions))
        case .transaction(let transaction, let byteCount, let ticket):
            guard let transaction else { return self.answer(ticket, .badSignature) }
            admit(transaction, byteCount: byteCount, ticket: ticket)
        case .handoffs(let check): handle(.followed(check))
        case .published(let verdict, let ticket): publications.close(ticket)?(verdict)
        case .coverage(let input): if let input { handle(.coverage(input)) }
        case .receipts(let wanted, let receipts, let node):
            handle(.receipts(receipts, under: wanted, from: node))
        case .audit(let receipt): if let receipt { handle(.audit(.receipt(receipt))) }
        case .walkReceipts(let wanted, let receipts, let node):
            handle(.walkReceipts(receipts, under: wanted, from: node))
        }
    }

    func send(_ message: NodeMessage, to node: NodeID) {
        network.send(message.encoded, to: node, urgent: message.isUrgent)
    }

    /// Votes go by datagram where there is a session, and over TCP where there is none. Proposals have gone over TCP.
    func scatter(_ message: ConsensusMessage) {
        let content = NodeMessage.consensus(message)
        let bytes = content.encoded
        for node in peers where mesh?.send(vote: bytes, to: node) != true {
            if case .votes = message.body { network.send(bytes, to: node, urgent: content.isUrgent) }
        }
    }

    func broadcast(_ message: NodeMessage) {
        let bytes = message.encoded
        for node in peers { network.send(bytes, to: node, urgent: message.isUrgent) }
    }
}
