public import CairnBase
public import CairnWire

/// Finds first peers under names of the domain name system, for a node that knows too few.
///
/// Under `_dnsaddr.` and a name its owner lists peers as texts, `dnsaddr=/ip4/…/tcp/…/p2p/…`, the form that libp2p has for it. A node asks
/// only while few members are present, so one that remembers its peers asks nobody; it asks all its names, and takes the
/// same few of each. What comes is a hint: it goes into the address book as told by that name, and whoever is dialled proves
/// the key that was listed. Nothing that a name server says or withholds does more than that.
public struct SeedLookup: ProtocolCore {
    public typealias Input = SeedInput
    public typealias Effect = SeedEffect

    public private(set) var counters = SeedCounters()

    private let names: [DNSName]
    private let settings: SeedSettings
    private var random: SeededRandom
    private var servers: [Endpoint] = []
    /// What was asked and is not answered, by its number.
    private var open = OrderedMap<UInt16, Question>()
    private var nextRound: Instant
    private var pause: TimeSpan
    private var timerAt = Instant.distantFuture

    private struct Question: Sendable {
        let name: DNSName
        var tries = 0
        var repeatAt: Instant
    }

    /// At most so many names are asked.
    public static let mostNames = 8

    public init(_ names: [DNSName], random: SeededRandom, settings: SeedSettings = SeedSettings(), at now: Instant) {
        self.names = Array(names.prefix(Self.mostNames))
        self.random = random
        self.settings = settings
        pause = settings.pause
        nextRound = now + settings.patience
    }

    /// Under which name the peers of a seed are listed; nil where that would be too long a name.
    public static func listing(of seed: DNSName) -> DNSName? { DNSName("_dnsaddr.\(seed)") }

    /// Whether a node with so many members present asks nobody.
    public func isEnough(_ members: Int) -> Bool { members >= settings.enough }

    public mutating func handle(_ input: consuming Input, at now: Instant, into effects: inout [Effect]) {
        let wasOpen = !open.isEmpty
        switch input {
        case .members(let count, let servers): settle(count, servers, now, into: &effects)
        case .received(let bytes, let source): take(bytes, from: source, into: &effects)
        case .timer: if now >= timerAt { timerAt = .distantFuture }
        }
        repeatQuestions(now, into: &effects)
        if wasOpen, open.isEmpty { effects.append(.rested) }
        armTimer(into: &effects)
    }

    private mutating func settle(_ members: Int, _ found: [Endpoint], _ now: Instant, into effects: inout [Effect]) {
        guard !isEnough(members) else {
            // Whoever loses them all later asks soon, and no more often than before.
            (pause, nextRound) = (settings.pause, min(nextRound, now + settings.pause))
            return
        }
        servers = Array(found.prefix(settings.servers))
        guard now >= nextRound, open.isEmpty, !servers.isEmpty else { return }
        counters.rounds += 1
        nextRound = now + pause
        pause = min(pause * 2, settings.longestPause)
        for name in names.compactMap(Self.listing) {
            open[freeNumber()] = Question(name: name, repeatAt: now)
        }
    }

    private mutating func freeNumber() -> UInt16 {
        while true {
            let number = UInt16(truncatingIfNeeded: random.below(1 << 16))
            if open[number] == nil { return number }
        }
    }

    private mutating func repeatQuestions(_ now: Instant, into effects: inout [Effect]) {
        for (number, kept) in open where kept.repeatAt <= now {
            guard kept.tries < settings.tries, !servers.isEmpty else {
                counters.silent += 1
                open[number] = nil
                continue
            }
            effects.append(.send(SeedQuestion(number, kept.name).bytes, to: servers[kept.tries % servers.count]))
            open[number] = Question(name: kept.name, tries: kept.tries + 1, repeatAt: now + settings.repetition)
            counters.asked += 1
        }
    }

    private mutating func take(_ bytes: [UInt8], from source: Endpoint, into effects: inout [Effect]) {
        guard let answer = try? SeedAnswer(bytes) else { return counters.malformed += 1 }
        guard let question = open[answer.number], answer.name == question.name.description else {
            return counters.unasked += 1
        }
        // Also one that was asked before the present one: it was slow.
        guard servers.contains(source) else { return counters.foreign += 1 }
        open[answer.number] = nil
        guard answer.isGood else { return counters.refused += 1 }
        counters.answered += 1
        for (node, endpoint) in peers(in: answer.texts) {
            counters.found += 1
            effects.append(.found(node, at: endpoint, by: question.name))
        }
    }

    /// Some of what is listed, so that not all newcomers go to those listed first.
    private mutating func peers(in texts: [String]) -> [(NodeID, Endpoint)] {
        var peers = OrderedMap<NodeID, Endpoint>()
        for text in texts {
            guard let (node, endpoint) = peer(in: text), peers[node] == nil else {
                counters.unusable += 1
                continue
            }
            peers[node] = endpoint
        }
        counters.unusable += UInt64(max(0, peers.count - settings.peersPerName))
        return peers.map { ($0.key, $0.value) }.shuffled(using: &random).prefix(settings.peersPerName).map(\.self)
    }

    private func peer(in text: String) -> (NodeID, Endpoint)? {
        guard text.hasPrefix("dnsaddr="), text.utf8.count <= Multiaddr.longest,
            let address = try? Multiaddr(text: text.dropFirst("dnsaddr=".count)), let node = address.node,
            let endpoint = Endpoint(tcp: address), endpoint.port != 0, endpoint.address.isReachable,
            settings.takesPrivate || !endpoint.address.isPrivate
        else { return nil }
        return (node, endpoint)
    }

    private mutating func armTimer(into effects: inout [Effect]) {
        var next = Instant.distantFuture
        for (_, question) in open { next = min(next, question.repeatAt) }
        guard next < timerAt else { return }
        timerAt = next
        effects.append(.setTimer(at: next))
    }
}
