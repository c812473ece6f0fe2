public import CairnBase

/// "Dial me there, and say whether I answered." It is longer than anything that the dialler sends before the one who asks has
/// proven to be there, and than the answer: nobody gains by asking.
public struct DialBackQuestion: Canonical, Sendable, Equatable {
    /// Of this round of questions; the answer repeats it.
    public let nonce: Bytes32
    public let endpoint: Endpoint

    public static let byteCount = 512
    private static let version: UInt8 = 1

    public init(nonce: Bytes32, endpoint: Endpoint) {
        self.nonce = nonce
        self.endpoint = endpoint
    }

    public init(from reader: inout ByteReader) throws(DecodeError) {
        _ = try reader.version(Self.version...Self.version)
        nonce = try reader.bytes32()
        endpoint = try Endpoint(from: &reader)
        let used = 1 + 32 + (endpoint.address.v4 == nil ? 19 : 7)
        guard try reader.raw(Self.byteCount - used).allSatisfy({ $0 == 0 }) else {
            throw .notCanonical("padding of a dial-back")
        }
    }

    public func encode(into writer: inout ByteWriter) {
        writer.u8(Self.version)
        writer.bytes32(nonce)
        endpoint.encode(into: &writer)
        writer.raw([UInt8](repeating: 0, count: Self.byteCount - 1 - 32 - (endpoint.address.v4 == nil ? 19 : 7)))
    }
}

/// What a dial-back came to, signed by who dialled.
public struct DialBackResult: SignedContent, Hashable {
    public let content: Content
    public let signature: Signature

    public static let domainTag = DomainTag("cn/dialback")
    public static let longest = Content.longest + Signature.count

    public init(_ content: Content, signature: Signature) {
        self.content = content
        self.signature = signature
    }
}

extension DialBackResult {
    public enum Outcome: UInt8, Sendable, CaseIterable {
        /// The asker's key was proven there.
        case reached = 0
        /// No connection came about.
        case unconnected = 1
        /// Something was there, and did not prove the asker's key in time.
        case unproven = 2
    }

    /// Everything but the signature, which covers it and the chain.
    public struct Content: Canonical, Sendable, Hashable {
        public let asker: NodeID
        public let dialler: NodeID
        public let nonce: Bytes32
        public let endpoint: Endpoint
        public let outcome: Outcome
        /// Until the outcome was known.
        public let milliseconds: UInt32
        /// Unix seconds.
        public let time: UInt64

        private static let version: UInt8 = 1
        static let longest = 1 + 3 * 32 + 19 + 1 + 4 + 8

        public init(
            asker: NodeID, dialler: NodeID, nonce: Bytes32, endpoint: Endpoint, outcome: Outcome, milliseconds: UInt32,
            time: UInt64
        ) {
            self.asker = asker
            self.dialler = dialler
            self.nonce = nonce
            self.endpoint = endpoint
            self.outcome = outcome
            self.milliseconds = milliseconds
            self.time = time
        }

        public init(from reader: inout ByteReader) throws(DecodeError) {
            _ = try reader.version(Self.version...Self.version)
            asker = try reader.identifier()
            dialler = try reader.identifier()
            nonce = try reader.bytes32()
            endpoint = try Endpoint(from: &reader)
            let number = try reader.u8()
            guard let outcome = Outcome(rawValue: number) else { throw .unknown("outcome of a dial", UInt64(number)) }
            self.outcome = outcome
            milliseconds = try reader.u32()
            time = try reader.u64()
        }

        public func encode(into writer: inout ByteWriter) {
            writer.u8(Self.version)
            writer.identifier(asker)
            writer.identifier(dialler)
            writer.bytes32(nonce)
            endpoint.encode(into: &writer)
            writer.u8(outcome.rawValue)
            writer.u32(milliseconds)
            writer.u64(time)
        }
    }
}
