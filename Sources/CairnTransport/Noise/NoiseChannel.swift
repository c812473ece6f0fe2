internal import CairnBase

/// A sealed two-way channel after its handshake.
public struct NoiseChannel: Sendable {
    var sending: NoiseCipher
    var receiving: NoiseCipher
    private let transcript: NoiseTranscript

    init(sending: NoiseCipher, receiving: NoiseCipher, transcript: NoiseTranscript) {
        self.sending = sending
        self.receiving = receiving
        self.transcript = transcript
    }

    /// Plain bytes that fit into one message beside its tag.
    public static let plainLimit = Limits.SecureChannel().plaintext

    /// The hash of everything both ends said. Public: it names the session and keys nothing.
    public var handshakeHash: [UInt8] { transcript.hash.bytes }

    /// A secret both ends share, for a purpose of its own.
    public func export(_ purpose: String, count: Int) -> [UInt8] {
        transcript.export(purpose, count: count)
    }

    /// Appends one sealed message.
    public mutating func seal(_ plain: RawSpan, into output: inout [UInt8]) throws(NoiseFault) {
        guard plain.byteCount <= Self.plainLimit else { throw .badLength }
        try sending.seal(plain, associated: [UInt8]().span.bytes, into: &output)
    }

    /// Appends what one sealed message holds. After an error the channel is of no more use.
    public mutating func open(_ sealed: RawSpan, into output: inout [UInt8]) throws(NoiseFault) {
        guard sealed.byteCount <= NoiseHandshake.messageLimit else { throw .badLength }
        try receiving.open(sealed, associated: [UInt8]().span.bytes, into: &output)
    }
}
