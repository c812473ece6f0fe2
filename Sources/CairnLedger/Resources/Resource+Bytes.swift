public import CairnBase
public import CairnWire

extension Network: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        let code = try reader.u8()
        guard let family = Family(rawValue: code) else { throw .unknown("network family", UInt64(code)) }
        guard let network = Network(family, prefix: try reader.u64()) else { throw .invalid("network prefix") }
        self = network
    }

    public func encode(into writer: inout ByteWriter) {
        writer.u8(family.rawValue)
        writer.u64(prefix)
    }
}

extension Radio: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        eui = try reader.u64()
        region = try reader.u8()
        power = try reader.i16()
        gain = try reader.i16()
    }

    public func encode(into writer: inout ByteWriter) {
        writer.u64(eui)
        writer.u8(region)
        writer.i16(power)
        writer.i16(gain)
    }
}

extension Site: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        guard let position = Position(latitude: try reader.i32(), longitude: try reader.i32()) else {
            throw .invalid("position")
        }
        self.position = position
        height = try reader.i32()
        network = try reader.value()
    }

    public func encode(into writer: inout ByteWriter) {
        writer.i32(position.latitude)
        writer.i32(position.longitude)
        writer.i32(height)
        network.encode(into: &writer)
    }
}

extension Offer: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        let code = try reader.u16()
        guard let profile = Profile(rawValue: code) else { throw .unknown("profile", UInt64(code)) }
        let device: PublicKey = try reader.identifier()
        let randomness: VRFPublicKey = try reader.identifier()
        let radio: Radio? = try profile == .coverageRadio ? reader.value() : nil
        let capacity: UInt32? = profile.hasCapacity ? try reader.u32() : nil
        let made = Offer(
            profile: profile, device: device, randomness: randomness, radio: radio, capacity: capacity)
        guard let offer = made else { throw .invalid("offer") }
        self = offer
    }

    public func encode(into writer: inout ByteWriter) {
        writer.u16(profile.rawValue)
        writer.identifier(device)
        writer.identifier(randomness)
        radio?.encode(into: &writer)
        if let capacity { writer.u32(capacity) }
    }
}

extension Resource: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        index = try reader.u32()
        controller = try reader.identifier()
        stakeRoot = try reader.identifier()
        bond = try reader.value()
        isRetired = try reader.bool()
        since = try reader.ordinal()
        offer = try reader.value()
        site = try reader.value()
    }

    public func encode(into writer: inout ByteWriter) {
        writer.u32(index)
        writer.identifier(controller)
        writer.identifier(stakeRoot)
        bond.encode(into: &writer)
        writer.bool(isRetired)
        writer.ordinal(since)
        offer.encode(into: &writer)
        site.encode(into: &writer)
    }
}

/// A number that only grows: how many resources there are, or how many one account has registered.
public struct Count: Record {
    public var value: UInt64

    public init(from reader: inout ByteReader) throws(DecodeError) {
        value = try reader.u64()
    }

    init(_ value: UInt64) {
        self.value = value
    }

    public func encode(into writer: inout ByteWriter) {
        writer.u64(value)
    }
}

/// The resource that an index, a device key or a radio's hardware number belongs to.
public struct ResourceName: Record {
    public let id: ResourceID

    init(_ id: ResourceID) {
        self.id = id
    }

    public init(from reader: inout ByteReader) throws(DecodeError) {
        id = try reader.identifier()
    }

    public func encode(into writer: inout ByteWriter) {
        writer.identifier(id)
    }
}
