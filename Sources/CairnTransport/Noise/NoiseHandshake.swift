public import CairnBase
public import CairnCrypto

/// A private key that several handshakes use at once. It is wiped when the last of them is gone.
public final class SharedAgreementKey: Sendable {
    let key: AgreementKey

    public init(_ key: consuming AgreementKey) {
        self.key = key
    }

    public var publicKey: Bytes32 { key.publicKey }
}

/// A Noise handshake in progress: messages in, messages out, by turns, until both ends can `finish`.
public struct NoiseHandshake: Sendable {
    public enum Role: Sendable { case initiator, responder }

    /// Bytes of one message, on this plane and by the specification.
    public static let messageLimit = Limits.SecureChannel().message

    private let role: Role
    private let messages: [[NoisePattern.Token]]
    private let local: SharedAgreementKey
    private let ephemeral: SharedAgreementKey
    private var transcript: NoiseTranscript
    private var next = 0
    private var remoteEphemeral: Bytes32?
    /// The peer's static key, once the pattern has revealed it.
    public private(set) var remoteStatic: Bytes32?

    /// `local` is this end's static key, `ephemeral` is fresh for this handshake, and `knownStatic` is the responder's
    /// static key, which the initiator of `ik` has to know beforehand.
    public init(
        _ pattern: NoisePattern, _ role: Role, local: SharedAgreementKey, ephemeral: SharedAgreementKey,
        knownStatic: Bytes32? = nil, prologue: [UInt8] = []
    ) {
        invariant(
            (pattern == .ik && role == .initiator) == (knownStatic != nil),
            "exactly the initiator of IK knows the other's static key")
        self.role = role
        self.local = local
        self.ephemeral = ephemeral
        messages = pattern.messages
        remoteStatic = knownStatic
        transcript = NoiseTranscript(protocolName: pattern.protocolName, prologue: prologue)
        if pattern == .ik {
            transcript.mix((knownStatic ?? local.publicKey).bytes.span.bytes)
        }
    }

    /// The hash of what was said so far.
    var handshakeHash: [UInt8] { transcript.hash.bytes }

    public var isFinished: Bool { next == messages.count }

    /// Whether this end speaks next.
    public var isOurTurn: Bool {
        !isFinished && next.isMultiple(of: 2) == (role == .initiator)
    }

    /// Appends this end's next message, carrying `payload`.
    public mutating func write(_ payload: [UInt8], into output: inout [UInt8]) throws(NoiseFault) {
        guard isOurTurn else { throw .outOfTurn }
        var message: [UInt8] = []
        for token in messages[next] {
            switch token {
            case .e:
                let key = ephemeral.publicKey.bytes
                message.append(contentsOf: key)
                transcript.mix(key.span.bytes)
            case .s:
                try transcript.seal(local.publicKey.bytes.span.bytes, into: &message)
            case .ee, .es, .se, .ss:
                try mixAgreement(token)
            }
        }
        try transcript.seal(payload.span.bytes, into: &message)
        guard message.count <= Self.messageLimit else { throw .badLength }
        next += 1
        output.append(contentsOf: message)
    }

    /// Takes the peer's next message, whole, and gives its payload.
    public mutating func read(_ message: RawSpan) throws(NoiseFault) -> [UInt8] {
        guard !isFinished, !isOurTurn else { throw .outOfTurn }
        guard message.byteCount <= Self.messageLimit else { throw .badLength }
        var rest = message
        for token in messages[next] {
            switch token {
            case .e:
                let key = try Self.take(Bytes32.count, from: &rest)
                transcript.mix(key)
                remoteEphemeral = Bytes32(key)
            case .s:
                let key = try Self.take(Bytes32.count + transcript.overhead, from: &rest)
                remoteStatic = Bytes32(try transcript.open(key))
            case .ee, .es, .se, .ss:
                try mixAgreement(token)
            }
        }
        let payload = try transcript.open(rest)
        next += 1
        return payload
    }

    /// The finished channel, or nothing while messages are missing.
    public func finish() -> NoiseChannel? {
        guard isFinished else { return nil }
        let (initiator, responder) = transcript.split()
        return NoiseChannel(
            sending: role == .initiator ? initiator : responder,
            receiving: role == .initiator ? responder : initiator,
            transcript: transcript)
    }

    private mutating func mixAgreement(_ token: NoisePattern.Token) throws(NoiseFault) {
        let ours = role == .initiator
        let secret: Bytes32?
        switch token {
        case .ee: secret = remoteEphemeral.flatMap { ephemeral.key.sharedSecret(with: $0) }
        case .ss: secret = remoteStatic.flatMap { local.key.sharedSecret(with: $0) }
        case .es: secret = ours ? staticRemote(ephemeral.key) : ephemeralRemote(local.key)
        case .se: secret = ours ? ephemeralRemote(local.key) : staticRemote(ephemeral.key)
        case .e, .s: return
        }
        guard let secret else { throw .weakKey }
        transcript.mixKey(secret)
    }

    private func staticRemote(_ key: borrowing AgreementKey) -> Bytes32? {
        guard let remoteStatic else { return nil }
        return key.sharedSecret(with: remoteStatic)
    }

    private func ephemeralRemote(_ key: borrowing AgreementKey) -> Bytes32? {
        guard let remoteEphemeral else { return nil }
        return key.sharedSecret(with: remoteEphemeral)
    }

    @_lifetime(copy rest)
    private static func take(_ count: Int, from rest: inout RawSpan) throws(NoiseFault) -> RawSpan {
        guard rest.byteCount >= count else { throw .badLength }
        let taken = rest.extracting(first: count)
        rest = rest.extracting(droppingFirst: count)
        return taken
    }
}
