public import CairnBase
public import CairnWire

/// What a node asks the router it sits behind, as NAT-PMP (RFC 6886) writes it. Numbers are big-endian.
public enum GatewayQuestion: Sendable, Hashable {
    /// Which address the router itself has.
    case address
    /// To pass on what comes to its port; for no time, to stop that.
    case map(GatewayTransport, inside: UInt16, outside: UInt16, seconds: UInt32)

    static let version: UInt8 = 0
    /// Where routers listen.
    public static let port: UInt16 = 5_351

    var operation: UInt8 {
        switch self {
        case .address: 0
        case .map(let transport, _, _, _): transport.rawValue
        }
    }

    public var bytes: [UInt8] {
        var writer = ByteWriter()
        writer.u8(Self.version)
        writer.u8(operation)
        if case .map(_, let inside, let outside, let seconds) = self {
            writer.u16(0)
            writer.u16(inside.byteSwapped)
            writer.u16(outside.byteSwapped)
            writer.u32(seconds.byteSwapped)
        }
        return writer.bytes
    }
}

/// Each plane of a node has a mapping of its own.
public enum GatewayTransport: UInt8, Sendable, CaseIterable {
    case udp = 1
    case tcp = 2
}

/// What a router answers.
public struct GatewayAnswer: Sendable, Equatable {
    public enum Content: Sendable, Equatable {
        case address(IPAddress)
        case mapped(GatewayTransport, inside: UInt16, outside: UInt16, seconds: UInt32)
        /// With the operation that was asked for.
        case refused(operation: UInt8, PortMappingTrouble)
    }

    /// Seconds since the router began its table of mappings.
    public let epoch: UInt32
    public let content: Content

    /// A refusal may repeat the question; nothing is longer.
    public static let longest = 16

    public init(epoch: UInt32, _ content: Content) {
        self.epoch = epoch
        self.content = content
    }

    public init(_ bytes: [UInt8]) throws(DecodeError) {
        guard bytes.count <= Self.longest else {
            throw .tooLarge(size: UInt64(bytes.count), limit: UInt64(Self.longest))
        }
        var reader = ByteReader(bytes.span.bytes)
        let version = try reader.u8()
        guard version == GatewayQuestion.version else {
            throw .unsupportedVersion(found: UInt64(version), oldest: 0, newest: 0)
        }
        let operation = try reader.u8()
        guard operation >= 128 else { throw .unknown("answer of a router", UInt64(operation)) }
        let result = try reader.u16().byteSwapped
        epoch = try reader.u32().byteSwapped
        guard result == 0 else {
            content = .refused(operation: operation - 128, PortMappingTrouble(result: result))
            return
        }
        switch operation - 128 {
        case 0: content = .address(IPAddress(v4: try reader.u32().byteSwapped))
        case let number:
            guard let transport = GatewayTransport(rawValue: number) else {
                throw .unknown("answer of a router", UInt64(operation))
            }
            content = .mapped(
                transport, inside: try reader.u16().byteSwapped, outside: try reader.u16().byteSwapped,
                seconds: try reader.u32().byteSwapped)
        }
        try reader.end()
    }

    /// Whether this is what the question asked for.
    func answers(_ question: GatewayQuestion) -> Bool {
        switch (content, question) {
        case (.address, .address): true
        // A late answer to a mapping is none to its removal, nor the other way round.
        case (.mapped(let transport, let port, _, let given), .map(let asked, let inside, _, let seconds)):
            transport == asked && port == inside && (given == 0) == (seconds == 0)
        case (.refused(let operation, _), _): operation == question.operation
        default: false
        }
    }
}

/// Why there is no mapping, in words that programs may rely on.
public enum PortMappingTrouble: String, Sendable, CaseIterable {
    // Nobody is asked.
    case switchedOff = "switched-off"
    case loopback = "loopback"
    case publicAddress = "public-address"
    case notIPv4 = "not-ipv4"
    case noGateway = "no-gateway"
    /// What the machine sends everything to is not a router of a private network.
    case publicGateway = "public-gateway"

    // Somebody was asked.
    case silent
    case unsupported
    case notAuthorized = "not-authorized"
    /// The router has no connection itself.
    case networkFailure = "network-failure"
    case outOfResources = "out-of-resources"
    case unknownRefusal = "unknown-refusal"
    /// The router's own address is private: there is another one before it.
    case behindAnother = "behind-another"
    /// One address stands for both planes, and the router gives them different ports.
    case portsDiffer = "ports-differ"

    // UPnP.
    case noLibrary = "no-library"

    init(result: UInt16) {
        switch result {
        case 1, 5: self = .unsupported
        case 2: self = .notAuthorized
        case 3: self = .networkFailure
        case 4: self = .outOfResources
        default: self = .unknownRefusal
        }
    }
}
