public import CairnBase
import CairnConsensus
import CairnCrypto
import CairnLedger
import CairnNode
public import CairnTransport
import CairnWire

/// What peers say, checked before the core hears of it.
extension ChainShell: PeerNetworkHandler {
    public var peerHello: PeerHello? {
        PeerHello(
            chain: chain, network: configuration.genesis.network, agent: configuration.agent,
            height: core.executed, time: Clock.wall().millisecondsSince1970)
    }

    public func peerConnected(_ node: NodeID, _ hello: PeerHello) {
        peers.insert(node)
        handle(.peerJoined(node))
    }

    public func peerDisconnected(_ node: NodeID) {
        guard peers.remove(node) else { return }
        handle(.peerLeft(node))
    }

    public func peerAsked(_ question: PeerQuestion) {
        network.answer(question, status: 1, [])
    }

    public func peerSent(_ node: NodeID, _ bytes: [UInt8]) {
        guard let message = try? NodeMessage.decode(bytes, limit: NodeMessage.byteLimit) else {
            return network.disconnect(node, because: "it sent a message that cannot be read")
        }
        switch message {
        case .consensus(let message): receive(message, from: node)
        case .transaction(let transaction): receive(transaction, byteCount: bytes.count - 1)
        case .blockWanted(let digest): handle(.blockWanted(digest, by: node))
        case .block(let block): handle(.consensus(.blocks([block])))
        case .rangeWanted(let first): ask(.range(first: first, to: node))
        case .range(_, let blocks): handle(.range(blocks, from: node))
        }
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

    /// From a peer, or from our own journal after a restart: what is on disk is no more trusted than a stranger.
    func receive(_ transaction: Transaction, byteCount: Int) {
        guard transaction.chainPrefix == chain.prefix,
            !core.pool.contains(transaction.id(chain: chain, using: hash)),
            let verified = transactionVerifier.verify(Claim(transaction, by: transaction.key))
        else { return }
        admit(verified, byteCount: byteCount, ticket: Submission.nobody)
    }

    func send(_ message: NodeMessage, to node: NodeID) {
        network.send(message.encoded, to: node, urgent: message.isUrgent)
    }

    func broadcast(_ message: NodeMessage) {
        let bytes = message.encoded
        for node in peers { network.send(bytes, to: node, urgent: message.isUrgent) }
    }
}
