import CairnBase
import CairnCrypto
import CairnGossip
import CairnWire

/// Asks the machine's name servers for peers, over a socket that is open for one round: whoever wants to answer in their
/// place has to guess the port too.
final class SeedShell {
    private let loop: EventLoop
    private let log: Logger
    private let servers: () -> [Endpoint]
    private(set) var core: SeedLookup
    private var socket: UDPSocket?
    /// What the socket is bound to.
    private var bound: IPAddress?
    /// How many members are present.
    var members: () -> Int = { 0 }
    var onFound: ((NodeID, Endpoint, DNSName) -> Void)?

    /// How often it is looked whether there are enough members.
    private let look: TimeSpan

    init(
        _ names: [DNSName], on loop: EventLoop, log: Logger, settings: SeedSettings = SeedSettings(),
        look: TimeSpan = .seconds(5), servers: @escaping () -> [Endpoint] = { NameServers.current }
    ) {
        self.loop = loop
        self.log = log
        self.servers = servers
        self.look = look
        core = SeedLookup(names, random: SeededRandom(seed: SecureRandom.seed()), settings: settings, at: loop.now)
    }

    func start() {
        let present = members()
        // The file is read only for a node that may have to ask.
        give(.members(present, servers: core.isEnough(present) ? [] : servers()))
        loop.after(look) { [weak self] in self?.start() }
    }

    private func give(_ input: consuming SeedInput) {
        var effects: [SeedEffect] = []
        let before = core.counters
        core.handle(input, at: loop.now, into: &effects)
        for effect in effects {
            switch effect {
            case .send(let bytes, let endpoint): send(bytes, to: endpoint)
            case .found(let node, let endpoint, let name): onFound?(node, endpoint, name)
            case .setTimer(let instant): loop.at(instant) { [weak self] in self?.give(.timer) }
            case .rested: (socket, bound) = (nil, nil)
            }
        }
        tell(since: before)
    }

    private func send(_ bytes: [UInt8], to endpoint: Endpoint) {
        let source = Self.source(to: endpoint.address)
        if socket == nil || bound != source { open(at: source) }
        socket?.send(bytes, to: endpoint)
    }

    /// A resolver of this machine is asked from loopback, any other from the address of its family that the kernel picks.
    private static func source(to server: IPAddress) -> IPAddress {
        guard server.v4 != nil else { return IPAddress(high: 0, low: server.isLoopback ? 1 : 0) }
        return server.isLoopback ? .loopback : .any
    }

    private func open(at source: IPAddress) {
        var limits = UDPSocket.Limits()
        (limits.payload, limits.sendQueue, limits.receivePerTurn) = (SeedAnswer.longest, 16, 16)
        limits.kernelBuffer = 64 << 10
        do throws(SystemError) {
            socket = try UDPSocket(on: loop, bind: Endpoint(source, port: 0), limits: limits) {
                [weak self] source, payload in
                // SAFETY: the borrowed bytes are copied before the closure returns.
                let bytes = unsafe payload.withUnsafeBytes { unsafe [UInt8]($0) }
                self?.give(.received(bytes, from: source))
            }
            bound = source
        } catch {
            socket = nil
            // As if the server were silent: it is asked again later.
            log.warn("no socket for name servers", ["error": .text("\(error)")])
        }
    }

    /// One line for whatever a name led to, and one when all were silent.
    private func tell(since before: SeedCounters) {
        let now = core.counters
        if now.answered > before.answered {
            log.info("names answered", ["peers": .number(now.found - before.found)])
        }
        if now.refused > before.refused {
            log.warn("a name lists no peers", ["why": .text("the server does not know it")])
        }
        if now.silent > before.silent { log.warn("a name lists no peers", ["why": .text("no server answers")]) }
    }
}

extension SeedShell {
    /// What the API says of it.
    var document: JSON {
        let counters = core.counters
        return [
            "rounds": JSON(counters.rounds), "asked": JSON(counters.asked), "answered": JSON(counters.answered),
            "refused": JSON(counters.refused), "silent": JSON(counters.silent), "found": JSON(counters.found),
            "unusable": JSON(counters.unusable),
            "dropped": JSON(counters.foreign + counters.malformed + counters.unasked),
        ]
    }
}

/// Whom this machine asks about names.
enum NameServers {
    static var current: [Endpoint] {
        guard let bytes = try? SmallFile.read("/etc/resolv.conf", limit: 64 << 10) else { return [] }
        return listed(in: String(decoding: bytes, as: UTF8.self))
    }

    /// Lines `nameserver ADDRESS`; what else such a file says has no meaning for whole names.
    static func listed(in text: String) -> [Endpoint] {
        text.split(separator: "\n").compactMap { line in
            let words = line.split(whereSeparator: \.isWhitespace)
            guard words.count >= 2, words[0] == "nameserver", let address = IPAddress(String(words[1])),
                address.isReachable
            else { return nil }
            return Endpoint(address, port: SeedQuestion.port)
        }
    }
}
