import CairnBase
import CairnCrypto
import CairnLedger
import CairnRuntime
import CairnWire

/// Finds the genesis of a network that somebody wants to join, and nodes that work with this program.
struct Joining {
    /// Which chain it has to be; nil where a file says it.
    let chain: ChainID
    let peers: [Invitation.Peer]
    let timeout: TimeSpan
    /// How each peer answered, for people.
    private(set) var tried: [Hint] = []
    private(set) var genesis: Genesis?
    private(set) var height = Height.genesis

    init(chain: ChainID, peers: [Invitation.Peer], genesis: Genesis? = nil, timeout: TimeSpan) {
        self.chain = chain
        self.peers = peers
        self.genesis = genesis
        self.timeout = timeout
    }

    /// Dials one peer after the other until one is of the chain and fits. What a wrong one says is remembered: when all
    /// that answer are wrong, that is the reason, and not that nobody answers.
    mutating func find() throws(Failure) {
        var refusal: String?
        for peer in peers {
            let place = "\(peer.endpoint)"
            let offer: GenesisFetch.Offer
            do throws(GenesisFetch.Failure) {
                offer = try fetch(from: peer)
            } catch {
                tried.append(Hint(place, Self.words(error, timeout)))
                continue
            }
            let theirs = offer.genesis.chain(using: Blake2b())
            if theirs != chain {
                let reason =
                    "is on network \(quoted(offer.network)) (chain \(theirs.short)), not on chain \(chain.short)"
                tried.append(Hint(place, reason))
                refusal = refusal ?? "\(place) \(reason)"
            } else if let misfit = offer.misfit {
                tried.append(Hint(place, misfit))
                refusal = refusal ?? "\(place) does not fit: \(misfit)"
            } else {
                tried.append(Hint(place, "at height \(offer.height), \(offer.agent)"))
                genesis = genesis ?? offer.genesis
                height = offer.height
                return
            }
        }
        if let refusal { throw Failure(.joinRefused, refusal, tried: tried) }
        throw Failure(.joinUnreachable, "none of \(peers.count) nodes of the network answers", tried: tried)
    }

    /// Nodes take few connections in a second from one address: who is refused comes back.
    private func fetch(from peer: Invitation.Peer) throws(GenesisFetch.Failure) -> GenesisFetch.Offer {
        for _ in 1..<Self.tries {
            do throws(GenesisFetch.Failure) {
                return try GenesisFetch.run(at: peer.endpoint, expecting: peer.node, timeout: timeout)
            } catch .refused {
                pause(Self.pauseTime)
            } catch {
                throw error
            }
        }
        return try GenesisFetch.run(at: peer.endpoint, expecting: peer.node, timeout: timeout)
    }

    private static let tries = 4
    private static let pauseTime = TimeSpan.milliseconds(600)

    private static func words(_ failure: GenesisFetch.Failure, _ timeout: TimeSpan) -> String {
        switch failure {
        case .ended(let why), .nothing(let why): why
        case .refused: "it takes no connection from here now"
        case .timedOut: "no answer within \(timeout.plain)"
        }
    }
}
