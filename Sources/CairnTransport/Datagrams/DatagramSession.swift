internal import CairnBase
internal import CairnCrypto

/// One agreed pair of keys with one peer. A peer may have two: the one in use and the one before it.
struct DatagramSession: Sendable {
    let peer: NodeID
    /// How the peer names this session to us, and we to it.
    let ourIndex: UInt32
    let theirIndex: UInt32
    let isInitiator: Bool
    let made: Instant

    private let sending: ChaCha20Poly1305
    private let receiving: ChaCha20Poly1305
    private(set) var sent: UInt64 = 0
    private var window: ReplayWindow

    init(
        _ channel: NoiseChannel, with peer: NodeID, ourIndex: UInt32, theirIndex: UInt32, isInitiator: Bool,
        limits: Limits.Datagrams, at now: Instant
    ) {
        self.peer = peer
        self.ourIndex = ourIndex
        self.theirIndex = theirIndex
        self.isInitiator = isInitiator
        made = now
        sending = channel.sending.cipher
        receiving = channel.receiving.cipher
        window = ReplayWindow(size: limits.replayWindow)
    }

    /// Time for new keys. The end that asked for these asks first, so that both do not do so at once.
    func isWornOut(_ limits: Limits.Datagrams, at now: Instant) -> Bool {
        let grace = isInitiator ? TimeSpan.zero : .seconds(5)
        return now.since(made) >= limits.keyLifetime + grace || sent >= limits.datagramsPerKey
    }

    func isDead(_ limits: Limits.Datagrams, at now: Instant) -> Bool {
        now.since(made) >= limits.keyLifetime + limits.oldKeyLifetime
    }

    mutating func seal(_ plain: [UInt8]) -> [UInt8] {
        let head = DatagramForm.sealed(to: theirIndex, count: sent).bytes
        var bytes = head
        sending.seal(
            plain.span.bytes, nonce: ChaCha20Poly1305.nonce(sent), associated: head.span.bytes, into: &bytes)
        sent += 1
        return bytes
    }

    /// The plain text, or nothing when the datagram is forged. A replay was refused before by `hasSeen`.
    mutating func open(_ datagram: RawSpan, count: UInt64) -> [UInt8]? {
        let head = datagram.extracting(first: SealedDatagram.header)
        let sealed = datagram.extracting(droppingFirst: SealedDatagram.header)
        var plain: [UInt8] = []
        guard
            receiving.open(sealed, nonce: ChaCha20Poly1305.nonce(count), associated: head, into: &plain),
            window.take(count)
        else { return nil }
        return plain
    }

    func hasSeen(_ count: UInt64) -> Bool { !window.accepts(count) }
}
