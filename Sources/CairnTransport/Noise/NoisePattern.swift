/// The order in which two ends exchange and combine their keys, as the Noise specification writes it.
public enum NoisePattern: Sendable, Equatable {
    /// Neither end knows the other's static key: three messages. What libp2p speaks on TCP.
    case xx
    /// The initiator knows the responder's static key: two messages. What opens a datagram session.
    case ik

    enum Token: Sendable { case e, s, ee, es, se, ss }

    var messages: [[Token]] {
        switch self {
        case .xx: [[.e], [.e, .ee, .s, .es], [.s, .se]]
        case .ik: [[.e, .es, .s, .ss], [.e, .ee, .se]]
        }
    }

    /// The full protocol name; exactly 32 bytes, so it is the initial hash as it stands.
    var protocolName: String {
        switch self {
        case .xx: "Noise_XX_25519_ChaChaPoly_SHA256"
        case .ik: "Noise_IK_25519_ChaChaPoly_SHA256"
        }
    }
}

/// Why a handshake or a sealed message was refused. Outwardly all of them look the same: the connection closes.
public enum NoiseFault: Error, Sendable, Equatable {
    /// Shorter than its parts, or longer than a message may be.
    case badLength
    /// An altered byte, a wrong key, a replayed or reordered message.
    case notAuthentic
    /// A public key of small order, with which any secret would be zero.
    case weakKey
    /// A message when it was not that end's turn, or after the handshake.
    case outOfTurn
    /// The message counter is used up; the connection has to be made anew.
    case exhausted
}
