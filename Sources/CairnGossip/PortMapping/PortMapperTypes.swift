public import CairnBase

/// Where a machine sends what is not for its own network, and from which address.
public struct PortMappingPlace: Sendable, Equatable {
    public let local: IPAddress
    public let gateway: IPAddress

    public init(local: IPAddress, gateway: IPAddress) {
        self.local = local
        self.gateway = gateway
    }
}

/// What happens to a `PortMapper`.
public enum PortMapperInput: Sendable {
    /// Where the machine is; nil without a gateway. The same again changes nothing.
    case place(PortMappingPlace?)
    case received([UInt8], from: Endpoint)
    /// What came of the order that is open.
    case upnp(UPnPAnswer)
    case timer
    /// The node ends: what was mapped is taken away.
    case stop
}

/// What a `PortMapper` wants done.
public enum PortMapperEffect: Sendable, Equatable {
    case send([UInt8], to: Endpoint)
    /// One at a time; each is answered.
    case upnp(UPnPOrder)
    /// Others may reach this node there; nil where nothing is mapped any longer. Whether they do is for them to say.
    case changed(Endpoint?)
    case setTimer(at: Instant)
    /// Nothing is left to be taken away.
    case ended
}

/// What UPnP is to do with the router at an address.
public struct UPnPOrder: Sendable, Equatable {
    public enum Action: Sendable, Equatable { case map, unmap }

    public let action: Action
    public let place: PortMappingPlace
    public let inside: UInt16
    public let outside: UInt16
    public let seconds: UInt32

    public init(action: Action, place: PortMappingPlace, inside: UInt16, outside: UInt16, seconds: UInt32) {
        self.action = action
        self.place = place
        self.inside = inside
        self.outside = outside
        self.seconds = seconds
    }
}

public enum UPnPAnswer: Sendable, Equatable {
    /// TCP and UDP of one port, at the address that the router says it has.
    case mapped(Endpoint)
    case failed(PortMappingTrouble)
    case unmapped
}

/// What a router gave.
public struct PortGrant: Sendable, Equatable {
    public enum Way: String, Sendable { case natPMP = "nat-pmp", upnp }

    public let way: Way
    public internal(set) var outside: Endpoint
    public let until: Instant
    public let renewAt: Instant
}

/// Times and numbers of `PortMapper`.
public struct PortMapperSettings: Sendable {
    /// How long a mapping is asked for; it is renewed at half of what was given.
    public var lease = TimeSpan.seconds(3_600)
    public var renewedAtEarliest = TimeSpan.seconds(30)
    /// A question is repeated after this, then after twice as long, and so on.
    public var repetition = TimeSpan.milliseconds(250)
    public var tries = 6
    /// At the end nobody waits long.
    public var lastTries = 2
    /// Between looks whether the router was started anew or has another address.
    public var between = TimeSpan.seconds(300)
    /// After a refusal or silence; sooner while there is a mapping to lose.
    public var retry = TimeSpan.seconds(600)
    public var hurriedRetry = TimeSpan.seconds(60)
    public var gatewayPort = GatewayQuestion.port
    /// For a router that a test plays. Elsewhere nothing is sent to a loopback address.
    public var takesLoopback = false

    public init() {}
}

/// What a `PortMapper` has seen.
public struct PortMapperCounters: Sendable, Equatable {
    public var asked: UInt64 = 0
    public var granted: UInt64 = 0
    public var refused: UInt64 = 0
    public var silent: UInt64 = 0
    /// The router had forgotten everything.
    public var restarts: UInt64 = 0
    /// Mappings that ran out before the router answered again.
    public var lapsed: UInt64 = 0
    /// Datagrams from elsewhere, unreadable ones, and answers that nobody waited for.
    public var foreign: UInt64 = 0
    public var malformed: UInt64 = 0
    public var unasked: UInt64 = 0
}
