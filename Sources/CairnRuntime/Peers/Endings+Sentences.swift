internal import CairnTransport
internal import CairnWire

/// How connections end, in the words that logs and people are told.
extension StreamConnection.Ending {
    var sentence: String {
        switch self {
        case .finished: "the peer closed the connection"
        case .closedHere: "closed here"
        case .idle: "nothing moved for too long"
        case .stalled: "the peer stopped reading"
        case .failed(let error): "\(error)"
        }
    }
}

extension ConnectionFault {
    var sentence: String {
        switch self {
        case .negotiation: "it does not speak libp2p with Noise and yamux"
        case .badFrame, .noise: "the sealed channel broke"
        case .badIdentity: "its identity does not match its keys"
        case .wrongPeer(let node): "another node answered: \(node.peerID)"
        case .streams(.unresponsive): "it gave no sign of life"
        case .streams(let fault): "it broke the stream protocol (\(fault))"
        case .tooSlow: "the handshake took too long"
        }
    }
}

extension Switchboard.Parting {
    var sentence: String {
        switch self {
        case .duplicate: "there is another connection with it"
        case .replaced: "it came back over a newer connection"
        case .ourselves: "this is our own key"
        case .full: "all slots are taken"
        case .evicted: "its slot went to a newcomer"
        case .tooManyStrangers: "too many peers that do not speak our protocols"
        case .tested: "it was only tried, and is there"
        case .visited: "it was asked what there was to ask"
        case .misfit: "it does not speak our protocols"
        case .rotated: "its slot passes on to another"
        case .banned: "it is banned"
        }
    }
}
