import CairnBase
import CairnGossip
import CairnWire

extension FuzzTarget {
    /// A name server that says anything: nobody private is found, not more than may be, and the lookup comes to rest.
    static let seed = FuzzTarget("seed", mutations: 2_000) { bytes in
        if let answer = try? SeedAnswer(bytes) {
            let length = answer.texts.reduce(0) { $0 + $1.utf8.count }
            try require(length <= bytes.count, "\(length) bytes of text in \(bytes.count)")
        }
        guard let name = DNSName("seed.example") else { return }
        let server = Endpoint(IPAddress(v4: 0xc000_0235), port: SeedQuestion.port)
        var now = Instant.origin
        var core = SeedLookup([name], random: SeededRandom(seed: 1), at: now)
        var effects: [SeedEffect] = []
        now = now + .seconds(5)
        core.handle(.members(0, servers: [server]), at: now, into: &effects)
        guard case .send(let question, server)? = effects.first else { return try require(false, "nobody is asked") }
        effects = []
        core.handle(.received(Array(question.prefix(2)) + bytes.dropFirst(2), from: server), at: now, into: &effects)
        var found = 0
        for case .found(_, let endpoint, _) in effects {
            found += 1
            try require(!endpoint.address.isPrivate && endpoint.port != 0, "found at \(endpoint)")
        }
        try require(found <= SeedSettings().peersPerName, "\(found) peers of one name")
        for _ in 0..<8 {
            now = now + .seconds(2)
            core.handle(.timer, at: now, into: &effects)
        }
        try require(effects.contains(.rested), "it never rests")
    }
}
