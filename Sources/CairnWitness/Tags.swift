import CairnBase

/// What is hashed and signed here, each use under a tag of its own.
enum Tags {
    static let lottery = DomainTag("cn/cov")
    static let moment = DomainTag("cn/moment")
    static let beaconInput = DomainTag("cn/a.beacon")
    static let beacon = DomainTag("cn/b")
    static let payload = DomainTag("cn/payload")
    static let commitment = DomainTag("cn/wc")
    static let candidates = DomainTag("cn/cand")
    static let selection = DomainTag("cn/sel")
    static let salt = DomainTag("cn/salt")
    static let roundTripKey = DomainTag("cn/rtt.key")
    static let roundTripNonce = DomainTag("cn/rtt.nonce")
    static let roundTripLog = DomainTag("cn/rtt.log")

    static let walkInput = DomainTag("cn/a.walk")

    static let signCommit = DomainTag("cn/sig.commit")
    static let signBeacon = DomainTag("cn/sig.beacon")
    static let signReveal = DomainTag("cn/sig.rr")
    static let signBatch = DomainTag("cn/sig.rb")
    static let signRoundTrip = DomainTag("cn/sig.rtt")
    static let signWalkReceipt = DomainTag("cn/sig.wr")
}
