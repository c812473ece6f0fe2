public import CairnBase
public import CairnWire

/// What a gateway's core is told.
public enum GatewayInput: Sendable {
    case view(CoverageView)
    case block(Height, randomness: Digest)
    /// A block from before the start: known, and nothing is done for it alone.
    case passed(Height, randomness: Digest)
    /// The answer of the gateway's VRF key.
    case proved(challenge: Digest, proof: VRFProof, output: Digest)
    /// The radio received a frame.
    case heard(Reception)
    /// A promise survives a crash from now on.
    case kept(challenge: Digest)
    /// After a start: the promises made before.
    case restored([Promise])
}

/// What a gateway's core wants done.
public enum GatewayEffect: Sendable, Equatable {
    case prove(challenge: Digest, input: Digest)
    case transmit(Transmission)
    /// Before its commit is said, a promise must be durable: a second, different commit would be evidence.
    case keep(Promise)
    /// Sign and publish.
    case say(Statement)
}

/// A frame to be sent.
public struct Transmission: Sendable, Hashable {
    public let payload: [UInt8]
    public let frequency: UInt32
    public let spreading: UInt8
    /// Of the radio, in hundredths of a decibel above a milliwatt: with the antenna's gain it is the beacon's power.
    public let power: Int64
    /// How long to wait first.
    public let delay: TimeSpan

    public init(payload: [UInt8], frequency: UInt32, spreading: UInt8, power: Int64, delay: TimeSpan) {
        self.payload = payload
        self.frequency = frequency
        self.spreading = spreading
        self.power = power
        self.delay = delay
    }
}

/// What a gateway has bound itself to.
public struct Promise: Sendable, Hashable, Canonical {
    public let height: Height
    public let opening: Opening
    /// Its place in the view of the challenge's epoch.
    public let witness: UInt32

    public init(height: Height, opening: Opening, witness: UInt32) {
        self.height = height
        self.opening = opening
        self.witness = witness
    }

    public init(from reader: inout ByteReader) throws(DecodeError) {
        height = try reader.ordinal()
        opening = try reader.value()
        witness = try reader.u32()
    }

    public func encode(into writer: inout ByteWriter) {
        writer.ordinal(height)
        opening.encode(into: &writer)
        writer.u32(witness)
    }
}

/// A message without its signature, which the shell makes with the device key.
public enum Statement: Sendable, Hashable {
    case commit(challenge: Digest, witness: UInt32, commitment: Digest)
    case beacon(challenge: Digest, target: UInt32, proof: VRFProof)
    /// One receipt alone, or several of this gateway under one signature.
    case reveal(Opening)
    case reveals(witness: UInt32, root: Digest, [Opening])

    /// What is signed, and for which use.
    public var signedBody: (tag: DomainTag, body: [UInt8]) {
        switch self {
        case .commit(let challenge, let witness, let commitment):
            (Tags.signCommit, Commit.body(challenge: challenge, witness: witness, commitment: commitment))
        case .beacon(let challenge, let target, let proof):
            (Tags.signBeacon, BeaconReveal.body(challenge: challenge, target: target, proof: proof))
        case .reveal(let opening): (Tags.signReveal, opening.receipt.encoded)
        case .reveals(let witness, let root, _): (Tags.signBatch, BatchSeal.body(witness: witness, root: root))
        }
    }

    public func signed(_ signature: Signature) -> CoverageMessage? {
        switch self {
        case .commit(let challenge, let witness, let commitment):
            .commit(Commit(challenge: challenge, witness: witness, commitment: commitment, signature: signature))
        case .beacon(let challenge, let target, let proof):
            .beacon(BeaconReveal(challenge: challenge, target: target, proof: proof, signature: signature))
        case .reveal(let opening): .reveal(Reveal(opening: opening, signature: signature))
        case .reveals(let witness, let root, let openings):
            RevealBatch(witness: witness, root: root, openings: openings, signature: signature).map { .batch($0) }
        }
    }
}
