internal import CairnBase
internal import CairnCrypto
internal import CairnWire

/// What strangers may cost: how many of their datagrams are answered in a second, over all and from one network, and
/// from when on they have to prove their address first.
///
/// A cookie is a keyed hash of an address and a minute. It is not remembered: whoever shows it can read what is sent to
/// that address, in this minute or the one before.
struct HandshakeGuard: Sendable {
    enum Verdict { case admitted, cookie(Bytes32), refused }

    private let limits: Limits.Datagrams
    private let secret: Bytes32
    private var secondEnd = Instant.origin
    private var total = 0
    private var bySubnet: BoundedMap<UInt64, Int>

    init(limits: Limits.Datagrams, secret: Bytes32) {
        self.limits = limits
        self.secret = secret
        bySubnet = BoundedMap(capacity: limits.subnets, overflow: .refuseNewest)
    }

    /// Decides about a datagram that would cost a key agreement.
    mutating func judge(from source: Endpoint, cookie: Bytes32, at now: Instant) -> Verdict {
        guard counts(source, at: now) else { return .refused }
        guard total > limits.handshakesPerSecondWithoutCookie else { return .admitted }
        let minute = Self.minute(now)
        if cookie == self.cookie(for: source, minute) { return .admitted }
        if minute > 0, cookie == self.cookie(for: source, minute - 1) { return .admitted }
        return .cookie(self.cookie(for: source, minute))
    }

    /// Decides about one that costs no more than its answer.
    mutating func admits(_ source: Endpoint, at now: Instant) -> Bool { counts(source, at: now) }

    private mutating func counts(_ source: Endpoint, at now: Instant) -> Bool {
        if now >= secondEnd {
            secondEnd = now + .seconds(1)
            total = 0
            bySubnet.removeAll()
        }
        let subnet = source.address.subnet
        let before = bySubnet[subnet] ?? 0
        guard total < limits.handshakesPerSecond, before < limits.handshakesPerSecondPerSubnet,
            before > 0 || !bySubnet.isFull
        else { return false }
        total += 1
        _ = bySubnet.updateValue(before + 1, forKey: subnet)
        return true
    }

    private static func minute(_ now: Instant) -> UInt64 { now.nanoseconds / 60_000_000_000 }

    private func cookie(for source: Endpoint, _ minute: UInt64) -> Bytes32 {
        var writer = ByteWriter(capacity: 64)
        writer.bytes32(secret)
        source.encode(into: &writer)
        writer.u64(minute)
        return Blake2b().digest(cookieTag, writer.bytes).raw
    }
}

private let cookieTag = DomainTag("cn/udp-cookie")
