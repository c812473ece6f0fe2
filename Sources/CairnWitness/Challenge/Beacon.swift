public import CairnBase
public import CairnWire

/// What a challenged gateway must send: decided by its VRF key and the challenge alone.
///
/// The gateway cannot choose it and nobody else can predict it, so a receipt of it was heard or leaked.
public struct Beacon: Sendable, Hashable {
    /// 28 bytes: a LoRaWAN proprietary frame, which network servers drop.
    public let payload: [UInt8]
    public let frequency: UInt32
    public let spreading: UInt8
    /// How many steps of 3 dB below the legal maximum, 0 to 3.
    public let step: UInt8

    public static let payloadCount = 28
    public static let version: UInt8 = 1
    /// Frame type "proprietary", major version 0.
    public static let frameType: UInt8 = 0xe0

    /// What goes into the gateway's VRF, with the randomness of two heights before the challenge.
    public static func input(challenge: Digest, randomness: Digest, using hash: some HashFunction) -> Digest {
        hash.digest(Tags.beaconInput, challenge.raw, randomness.raw)
    }

    public init(
        output: Digest, profile: UInt16, height: Height, region: Region, using hash: some HashFunction
    ) {
        let chosen = hash.digest(Tags.beacon, output.raw.bytes).raw.bytes
        var writer = ByteWriter(capacity: Self.payloadCount)
        writer.u8(Self.frameType)
        writer.u8(Self.version)
        writer.u16(profile)
        writer.u32(UInt32(truncatingIfNeeded: height.number))
        writer.raw(Array(chosen[..<20]))
        payload = writer.bytes
        let channel = Int(chosen[20]) | Int(chosen[21]) << 8
        frequency = region.channels[channel % region.channels.count]
        spreading = 7 + chosen[22] % 3
        step = chosen[23] % 4
    }

    /// The first twenty bytes of the payload's hash: what a receipt says of it.
    public func payloadHash(using hash: some HashFunction) -> PayloadHash {
        PayloadHash(of: payload, using: hash)
    }

    /// In hundredths of a decibel above a milliwatt.
    public func power(in region: Region) -> Int64 { region.maximumPower - 300 * Int64(step) }
}

/// What stands in the clear of a beacon: enough to know which challenge it may answer.
public struct BeaconHead: Sendable, Hashable {
    public let profile: UInt16
    /// The low half of the challenge's height.
    public let height: UInt32

    /// Nil for whatever is not a beacon of ours.
    public init?(_ payload: [UInt8]) {
        guard payload.count == Beacon.payloadCount, payload[0] == Beacon.frameType, payload[1] == Beacon.version else {
            return nil
        }
        profile = UInt16(payload[2]) | UInt16(payload[3]) << 8
        height = (4..<8).reduce(0) { $0 | UInt32(payload[$1]) << UInt32(8 * ($1 - 4)) }
    }
}

/// Twenty bytes that stand for a payload.
public struct PayloadHash: Sendable, Hashable, Canonical {
    public let bytes: [UInt8]

    public static let count = 20

    public init(of payload: [UInt8], using hash: some HashFunction) {
        bytes = Array(hash.digest(Tags.payload, payload).raw.bytes[..<Self.count])
    }

    public init(from reader: inout ByteReader) throws(DecodeError) {
        bytes = try reader.raw(Self.count)
    }

    public func encode(into writer: inout ByteWriter) { writer.raw(bytes) }
}
