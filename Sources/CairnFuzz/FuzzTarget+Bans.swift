import CairnBase
import CairnGossip
import CairnWire

extension FuzzTarget {
    /// The ban list: whatever its file holds it opens within its limits, and what is read is written as it was. Whatever it is
    /// told of, what it tells others agrees with what it holds, and nobody is banned for ever.
    static let bans = FuzzTarget("bans", mutations: 2_000) { bytes in
        var settings = BanSettings()
        settings.capacity = 6
        var kept: [Ban] = []
        if let content = try? BanListContent.decode(bytes, limit: bytes.count) {
            try require(content.encoded == bytes, "a ban list has two encodings")
            kept = content.bans
        }
        var list = BanList(kept, unixMilliseconds: 1_000, settings: settings, at: .origin)
        var reader = ByteReader(bytes.span.bytes)
        var now = Instant.origin
        var told = Banned()
        var effects: [BanListEffect] = []
        try give(.start, to: &list, &told, now, &effects)
        // Each step is a byte for what happens, one for how long after the last, one for whom, and an address.
        while let kind = try? reader.u8(), let pause = try? reader.u8(), let number = try? reader.u8(),
            let endpoint = try? Endpoint(from: &reader)
        {
            now = now + .seconds(UInt64(pause) * UInt64(pause) * 60)
            let node = NodeID(Bytes32([UInt8](repeating: number % 16, count: 32)) ?? .zero)
            let subject: BanSubject = kind & 8 == 0 ? .node(node) : .address(endpoint.address)
            let span = TimeSpan.seconds(1 << UInt64(number % 64))
            switch kind % 4 {
            case 0: try give(.ban(subject, for: span, note: "\(number)"), to: &list, &told, now, &effects)
            case 1: try give(.lift(subject), to: &list, &told, now, &effects)
            case 2:
                let offence = Offence(rawValue: kind >> 4) ?? .falseKey
                try give(.offended(node, offence, at: endpoint.address), to: &list, &told, now, &effects)
            default: try give(.timer, to: &list, &told, now, &effects)
            }
            try require(list.bans.count <= settings.capacity, "\(list.bans.count) bans")
        }
        now = now + BanSettings.ownerLongest
        try give(.timer, to: &list, &told, now, &effects)
        try require(told == Banned(), "somebody is banned for ever")
    }

    private static func give(
        _ input: BanListInput, to list: inout BanList, _ told: inout Banned, _ now: Instant,
        _ effects: inout [BanListEffect]
    ) throws {
        effects.removeAll(keepingCapacity: true)
        list.handle(input, at: now, into: &effects)
        for case .changed(let banned) in effects { told = banned }
        try require(told == list.banned, "others were told of other bans")
        let inForce = list.inForce(at: now).count
        try require(inForce == told.nodes.count + told.addresses.count, "\(inForce) bans are in force")
    }
}
