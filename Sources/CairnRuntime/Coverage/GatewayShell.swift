import CairnBase
import CairnConsensus
import CairnCrypto
import CairnNode
import CairnThreads
import CairnWire
import CairnWitness

/// A node's gateway in the real world: its radio behind a packet forwarder, its keys, and its promises on disk.
final class GatewayShell {
    private let loop: EventLoop
    private let chain: ChainShell
    private let configuration: GatewayConfiguration
    private let log: Logger
    private var gateway: Gateway<Blake2b>
    private var radioPort: RadioPort?
    private var journal: Worker<Promise, Kept>?
    private var isBusy = false
    private var waiting: [GatewayInput] = []
    /// What it said, by kind.
    private(set) var said = Said()

    struct Said: Equatable {
        var beacons: UInt64 = 0
        var commits: UInt64 = 0
        var proofs: UInt64 = 0
        var reveals: UInt64 = 0
    }

    enum Kept: Sendable {
        case promise(Digest)
        case failed(SystemError)
    }

    init(
        on loop: EventLoop, chain: ChainShell, _ configuration: GatewayConfiguration, log: Logger
    ) throws(SystemError) {
        self.loop = loop
        self.chain = chain
        self.configuration = configuration
        self.log = log
        let hash = Blake2b()
        // Nobody else can compute it, and it is the same after a restart.
        let secret = configuration.device.identity.vrf.prove(
            hash.digest(DomainTag("cn/salt.key"), chain.chain.raw.bytes))
        gateway = Gateway(
            chain: chain.chain, device: configuration.device.device, eui: configuration.eui,
            origin: Randomness.origin(of: chain.chain, using: hash), secret: secret.output.raw,
            spread: chain.pace, hash: hash)
        let promises = try PromiseJournal(directory: configuration.directory)
        begin(chain.coverage, promises.promises)
        let kept = HandedOver(promises)
        journal = try Worker(
            name: "promises", on: loop, capacity: 256,
            makeWork: {
                { promise in
                    do throws(SystemError) {
                        try kept.value.keep(promise)
                        return .promise(promise.opening.receipt.challenge)
                    } catch {
                        return .failed(error)
                    }
                }
            }, complete: { [weak self] in self?.answered($0) })
        radioPort = try RadioPort(
            on: loop, bind: configuration.listen, eui: configuration.eui, log: log
        ) { [weak self] reception in self?.take(reception) }
        chain.onCoverage = { [weak self] block in self?.follow(block) }
    }

    func close() {
        journal?.finish()
        radioPort = nil
    }

    private func begin(_ past: CoveragePast, _ promises: [Promise]) {
        for view in past.views { handle(.view(view)) }
        handle(.restored(promises))
        for (height, value) in past.blocks { handle(.passed(height, randomness: value)) }
    }

    private func take(_ reception: Reception) -> BeaconObjection? {
        let objection = gateway.objection(to: reception)
        handle(.heard(reception))
        return objection
    }

    private func follow(_ block: ExecutedBlock) {
        if let view = block.coverage { handle(.view(view)) }
        handle(.block(block.height, randomness: block.randomness))
    }

    private func handle(_ input: GatewayInput) {
        waiting.append(input)
        guard !isBusy else { return }
        isBusy = true
        defer { isBusy = false }
        while !waiting.isEmpty {
            var effects: [GatewayEffect] = []
            gateway.handle(waiting.removeFirst(), at: loop.now, into: &effects)
            for effect in effects { carryOut(effect) }
        }
    }

    private func carryOut(_ effect: GatewayEffect) {
        switch effect {
        case .prove(let challenge, let input):
            let (proof, output) = configuration.device.identity.vrf.prove(input)
            handle(.proved(challenge: challenge, proof: proof, output: output))
        case .transmit(let frame): loop.after(frame.delay) { [weak self] in self?.send(frame) }
        case .keep(let promise):
            // One that cannot be kept is never spoken of.
            _ = journal?.submit(promise)
        case .say(let statement): say(statement)
        }
    }

    private func send(_ frame: Transmission) {
        said.beacons += 1
        log.info("beacon", ["frequency": .count(Int(frame.frequency)), "sf": .count(Int(frame.spreading))])
        radioPort?.send(
            SendRequest(
                payload: frame.payload, frequency: frame.frequency, spreading: frame.spreading,
                bandwidth: Region.beaconBandwidth, power: Int(frame.power / 100)),
            by: configuration.eui)
    }

    private func say(_ statement: Statement) {
        let (tag, body) = statement.signedBody
        let signature = configuration.device.identity.key.sign(body, tag: tag, chain: chain.chain)
        guard let message = statement.signed(signature) else { return }
        switch message {
        case .commit: said.commits += 1
        case .beacon: said.proofs += 1
        case .reveal: said.reveals += 1
        case .batch(let batch): said.reveals += UInt64(batch.openings.count)
        }
        chain.publish(message)
    }

    private func answered(_ answer: Kept) {
        switch answer {
        case .promise(let challenge): handle(.kept(challenge: challenge))
        case .failed(let error): chain.fail(.system(error))
        }
    }
}

// MARK: - What people are told

extension GatewayShell {
    var status: JSON {
        let server = radioPort?.server
        let counters = server?.counters ?? ForwarderServer.Counters()
        return [
            "schema": "cairn.radio/1",
            "listen": radioPort?.local.map { .string("\($0)") } ?? .null,
            "device": .string(configuration.device.device.description),
            "gateways": .array((server?.gateways.entries ?? [:]).map { describe($0.key, $0.value) }),
            "dropped": [
                "malformed": JSON(counters.malformed), "unlisted": JSON(counters.unlisted),
                "rate_limited": JSON(counters.rateLimited), "unreadable": JSON(counters.unreadable),
                "misdirected": JSON(counters.misdirected), "unexpected": JSON(counters.unexpected),
            ],
            "said": [
                "beacons": JSON(said.beacons), "commits": JSON(said.commits), "proofs": JSON(said.proofs),
                "reveals": JSON(said.reveals),
            ],
            "heard": ["ignored": JSON(gateway.ignored), "limited": JSON(gateway.limited)],
        ]
    }

    /// The newest packets, from a number on.
    func packets(from number: UInt64, limit: Int) -> JSON {
        let memory = radioPort?.packets ?? PacketMemory(capacity: 1)
        return [
            "schema": "cairn.radio-packets/1", "next": JSON(memory.next),
            "packets": .array(memory.packets(from: number, limit: limit).map { describe($0, $1) }),
        ]
    }

    private func describe(_ number: UInt64, _ packet: HeardPacket) -> JSON {
        let common: [JSON.Member] = [
            .init("number", JSON(number)), .init("time", .string(packet.time.rfc3339)),
            .init("gateway", .string(hex(packet.gateway))), .init("ours", .bool(packet.isOurs)),
            .init("ignored", packet.ignored.map { .string($0.code) } ?? .null),
            .init("why", packet.ignored.map { .string($0.words) } ?? .null),
        ]
        return .object(common + (packet.reception.flatMap { describe($0).object } ?? []))
    }

    private func describe(_ eui: UInt64, _ gateway: ForwarderGateway) -> JSON {
        let refused = zip(PacketRefusal.allCases, gateway.refused).filter { $0.1 > 0 }
        return [
            "eui": .string(hex(eui)),
            "downlink": gateway.downlink.map { .string("\($0)") } ?? .null,
            "version": JSON(UInt64(gateway.version)),
            "last_heard_ms": gateway.lastHeard.map { JSON(loop.now.since($0).milliseconds) } ?? .null,
            "beacons": JSON(gateway.beacons), "uplinks": JSON(gateway.uplinks),
            "transmissions": JSON(gateway.transmissions), "surplus": JSON(gateway.surplus),
            "refused": .object(refused.map { JSON.Member("\($0.0)", JSON($0.1)) }),
            "last": gateway.last.map { describe($0) } ?? .null,
        ]
    }

    private func describe(_ reception: Reception) -> JSON {
        [
            "frequency_hz": JSON(UInt64(reception.frequency)), "sf": JSON(UInt64(reception.spreading)),
            "rssi_tenths_dbm": JSON(Int64(reception.strength)), "snr_tenths_db": JSON(Int64(reception.signalToNoise)),
            "tmst": JSON(UInt64(reception.counter)),
        ]
    }
}
