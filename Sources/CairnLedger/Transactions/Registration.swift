public import CairnBase
public import CairnWire

/// A request to register a resource, with proof that the controller holds the device.
public struct Registration: Sendable, Equatable {
    public let offer: Offer
    public let site: Site
    /// The only account that may put a bond behind it.
    public let backer: AccountID
    public let deviceProof: Signature

    public init(offer: Offer, site: Site, backer: AccountID, deviceProof: Signature) {
        self.offer = offer
        self.site = site
        self.backer = backer
        self.deviceProof = deviceProof
    }

    public static var domain: DomainTag { Tags.device }

    /// What the device key signs: whose it is, and for what.
    public static func body(_ offer: Offer, of controller: AccountID) -> [UInt8] {
        var writer = ByteWriter(capacity: 128)
        writer.identifier(controller)
        offer.encode(into: &writer)
        return writer.bytes
    }

    func signatures(by controller: AccountID) -> [EnclosedSignature] {
        [
            EnclosedSignature(
                domain: Self.domain, body: Self.body(offer, of: controller), signer: offer.device,
                signature: deviceProof)
        ]
    }
}

extension Registration: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        offer = try reader.value()
        site = try reader.value()
        backer = try reader.identifier()
        deviceProof = try reader.signature()
    }

    public func encode(into writer: inout ByteWriter) {
        offer.encode(into: &writer)
        site.encode(into: &writer)
        writer.identifier(backer)
        writer.signature(deviceProof)
    }
}
