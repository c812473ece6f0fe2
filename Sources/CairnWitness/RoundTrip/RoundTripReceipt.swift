public import CairnBase
public import CairnWire

/// How fast a target answered one witness, under both signatures: 136 bytes and 128.
///
/// Nothing is faster than light, so the shortest of the times bounds how far apart the two can be. It serves gateways
/// without a radio, and contradicts false places of those with one.
public struct RoundTripReceipt: Sendable, Hashable, Canonical, Signed {
    public let measurement: RoundTripMeasurement
    public let witnessSignature: Signature
    public let targetSignature: Signature

    public static let count = RoundTripMeasurement.count + 2 * Signature.count

    public init(measurement: RoundTripMeasurement, witnessSignature: Signature, targetSignature: Signature) {
        self.measurement = measurement
        self.witnessSignature = witnessSignature
        self.targetSignature = targetSignature
    }

    public init(from reader: inout ByteReader) throws(DecodeError) {
        measurement = try reader.value()
        witnessSignature = try reader.signature()
        targetSignature = try reader.signature()
    }

    public func encode(into writer: inout ByteWriter) {
        measurement.encode(into: &writer)
        writer.signature(witnessSignature)
        writer.signature(targetSignature)
    }

    public var domain: DomainTag { Tags.signRoundTrip }
    public var signedBody: [UInt8] { measurement.encoded }
    public var signature: Signature { witnessSignature }

    /// The same statement as the target signed it.
    public func second(by target: PublicKey) -> EnclosedSignature {
        EnclosedSignature(domain: domain, body: signedBody, signer: target, signature: targetSignature)
    }
}

/// What both sign.
public struct RoundTripMeasurement: Sendable, Hashable, Canonical {
    public let challenge: Digest
    public let witness: ResourceID
    public let target: ResourceID
    /// In microseconds, rounded up.
    public let shortest: UInt32
    public let median: UInt32
    /// Over all nonces and answers.
    public let log: Digest

    public static let count = 136

    public init(
        challenge: Digest, witness: ResourceID, target: ResourceID, shortest: UInt32, median: UInt32, log: Digest
    ) {
        self.challenge = challenge
        self.witness = witness
        self.target = target
        self.shortest = shortest
        self.median = median
        self.log = log
    }

    public init(from reader: inout ByteReader) throws(DecodeError) {
        challenge = try reader.identifier()
        witness = try reader.identifier()
        target = try reader.identifier()
        shortest = try reader.u32()
        median = try reader.u32()
        log = try reader.identifier()
        guard shortest <= median else { throw .invalid("round trip") }
    }

    public func encode(into writer: inout ByteWriter) {
        writer.identifier(challenge)
        writer.identifier(witness)
        writer.identifier(target)
        writer.u32(shortest)
        writer.u32(median)
        writer.identifier(log)
    }

    /// Whether two places this far apart contradict the shortest time: further than light gets, there and back.
    public func contradicts(metres: UInt64) -> Bool { metres > 150 * UInt64(shortest) }
}
