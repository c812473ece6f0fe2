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
    /// Of those that have not shown their address, of those that have, and of questions, which cost no key agreement.
    private var unproven: Share
    private var proven: Share
    private var asking: Share
    private var cookies = 0

    /// What was admitted in this second.
    private struct Share: Sendable {
        let limit: Int
        let perSubnet: Int
        var total = 0
        var bySubnet: BoundedMap<UInt64, Int>

        init(_ limit: Int, _ limits: Limits.Datagrams) {
            (self.limit, perSubnet) = (limit, limits.handshakesPerSecondPerSubnet)
            bySubnet = BoundedMap(capacity: limits.subnets, overflow: .refuseNewest)
        }

        mutating func takes(_ source: Endpoint) -> Bool {
            let subnet = source.address.subnet
            let before = bySubnet[subnet] ?? 0
            guard total < limit, before < perSubnet, before > 0 || !bySubnet.isFull else { return false }
            total += 1
            _ = bySubnet.updateValue(before + 1, forKey: subnet)
            return true
        }

        mutating func begin() {
            total = 0
            bySubnet.removeAll()
        }
    }

    init(limits: Limits.Datagrams, secret: Bytes32) {
        self.limits = limits
        self.secret = secret
        unproven = Share(limits.handshakesPerSecondWithoutCookie, limits)
        proven = Share(limits.handshakesPerSecond, limits)
        asking = Share(limits.handshakesPerSecond, limits)
    }

    /// Decides about a datagram that would cost a key agreement. Whoever shows a cookie does not share with those who cannot:
    /// a flood from invented addresses takes nothing from it.
    mutating func judge(from source: Endpoint, cookie: Bytes32, at now: Instant) -> Verdict {
        begin(now)
        if shows(cookie, source, now) { return proven.takes(source) ? .admitted : .refused }
        if unproven.takes(source) { return .admitted }
        guard cookies < limits.cookiesPerSecond else { return .refused }
        cookies += 1
        return .cookie(self.cookie(for: source, Self.minute(now)))
    }

    /// Decides about one that costs no more than its answer.
    mutating func admits(_ source: Endpoint, at now: Instant) -> Bool {
        begin(now)
        return asking.takes(source)
    }

    private mutating func begin(_ now: Instant) {
        guard now >= secondEnd else { return }
        secondEnd = now + .seconds(1)
        unproven.begin()
        proven.begin()
        asking.begin()
        cookies = 0
    }

    private func shows(_ cookie: Bytes32, _ source: Endpoint, _ now: Instant) -> Bool {
        guard cookie != .zero else { return false }
        let minute = Self.minute(now)
        return cookie == self.cookie(for: source, minute)
            || (minute > 0 && cookie == self.cookie(for: source, minute - 1))
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
