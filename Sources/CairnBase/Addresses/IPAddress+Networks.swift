extension IPAddress {
    /// The network a house or a small hoster has: the /24 of an IPv4 address, the /56 of an IPv6 one, as one number.
    public var subnet: UInt64 {
        if let v4 { return UInt64(v4 >> 8) }
        return high >> 8
    }

    /// What one machine takes its addresses from: an IPv4 address itself, and of an IPv6 one the /64, as its first address.
    public var site: IPAddress { v4 == nil ? IPAddress(high: high, low: 0) : self }

    /// The network an operator has: the /16 of an IPv4 address, the /32 of an IPv6 one, as one number.
    public var district: UInt64 {
        if let v4 { return UInt64(v4 >> 16) }
        return 1 << 32 | high >> 32
    }

    /// An address that only the machine or the local network can reach.
    public var isPrivate: Bool {
        if let v4 {
            return v4 >> 24 == 127 || v4 >> 24 == 10 || v4 >> 20 == 0xac1 || v4 >> 16 == 0xc0a8 || v4 >> 16 == 0xa9fe
                || v4 >> 22 == 0x191
        }
        return isLoopback || high >> 57 == 0x7e || high >> 54 == 0x3fa
    }

    /// An address that a datagram can be sent to.
    public var isReachable: Bool {
        if let v4, v4 >> 28 == 0xf { return false }
        return !isUnspecified && !isMulticast
    }
}
