public import CairnBase
public import CairnCrypto

/// The radio of a node: which gateway it listens to, and the keys that its receipts are signed with.
public struct GatewayConfiguration: Sendable {
    /// Where the packet forwarder of the gateway sends to.
    public let listen: Endpoint
    /// The gateway's hardware number; no other is answered.
    public let eui: UInt64
    public let device: SharedDeviceKeys
    /// Where promises are kept.
    public let directory: String

    public init(listen: Endpoint, eui: UInt64, device: SharedDeviceKeys, directory: String) {
        self.listen = listen
        self.eui = eui
        self.device = device
        self.directory = directory
    }
}

/// Device keys that a configuration can hold: they cannot be copied, only shared.
public final class SharedDeviceKeys: Sendable {
    let identity: DeviceIdentity

    public init(_ identity: consuming DeviceIdentity) {
        self.identity = identity
    }

    public var device: PublicKey { identity.key.publicKey }
}
