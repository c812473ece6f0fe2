import CairnBase
import CairnCrypto
import CairnWire
import CairnWitness
import Testing

/// Gateways and a judge, with real keys and perfect air: the whole protocol, message by message.
struct WitnessNetwork {
    let town: Town
    var gateways: [Gateway<Blake2b>] = []
    var judge: Judge<Blake2b>
    var verdicts: [CoverageVerdict] = []
    var promises: [Int: [Promise]] = [:]
    var bytes = 0
    private var adopted: [CoverageVerdict] = []
    private let verifier = Verifier(chain: Town.chain)

    init(_ town: Town) {
        self.town = town
        judge = Judge(chain: Town.chain, origin: Town.origin, hash: Town.hash)
        for (seed, member) in town.members.enumerated() {
            gateways.append(
                Gateway(
                    chain: Town.chain, device: member.device, eui: UInt64(seed), origin: Town.origin,
                    secret: Town.id(5_000 + seed), hash: Town.hash))
        }
    }

    private func view(_ epoch: Epoch) -> CoverageView {
        CoverageView(epoch: epoch, rules: town.rules, members: town.members, pairs: town.pairs)
    }

    mutating func step() throws {
        let height = judge.head.next
        if height.number % town.rules.epochBlocks == 1 {
            let view = view(town.rules.epoch(of: height))
            var effects: [JudgeEffect] = []
            judge.handle(.view(view), at: .origin, into: &effects)
            for index in gateways.indices { try give(.view(view), to: index) }
        }
        let block = judge.verdicts(at: height)
        #expect(judge.check(block, at: height) == .agreed)
        verdicts += block
        var effects: [JudgeEffect] = []
        judge.handle(
            .block(height, randomness: Town.randomness(height), adopted: block), at: .origin, into: &effects)
        for index in gateways.indices {
            try give(.block(height, randomness: Town.randomness(height)), to: index)
        }
    }

    mutating func give(_ input: GatewayInput, to index: Int) throws {
        var effects: [GatewayEffect] = []
        gateways[index].handle(input, at: .origin, into: &effects)
        for effect in effects { try carryOut(effect, of: index) }
    }

    private mutating func carryOut(_ effect: GatewayEffect, of index: Int) throws {
        switch effect {
        case .prove(let challenge, let input):
            let (proof, output) = Town.randomnessKey(index).prove(input)
            try give(.proved(challenge: challenge, proof: proof, output: output), to: index)
        case .transmit(let frame):
            for other in gateways.indices where other != index {
                try give(.heard(reception(frame, from: index, at: other)), to: other)
            }
        case .keep(let promise):
            promises[index, default: []].append(promise)
            try give(.kept(challenge: promise.opening.receipt.challenge), to: index)
        case .say(let statement):
            let (tag, body) = statement.signedBody
            let signature = Town.key(index).sign(body, tag: tag, chain: Town.chain)
            try deliver(try #require(statement.signed(signature)), by: town.members[index].device)
        }
    }

    private func reception(_ frame: Transmission, from index: Int, at other: Int) -> Reception {
        let metres = town.members[index].place.metres(to: town.members[other].place)
        let signal = (frame.power - PathLoss.freeSpace(metres: metres, hertz: frame.frequency) - 2_000) / 10
        return Reception(
            payload: frame.payload, frequency: frame.frequency, spreading: frame.spreading, bandwidth: 0,
            strength: Int16(clamping: signal), signalStrength: nil,
            signalToNoise: Int16(clamping: min(120, signal + 1_170)), counter: 0, fineTime: nil)
    }

    private mutating func deliver(_ message: CoverageMessage, by key: PublicKey) throws {
        bytes += message.encoded.count
        var effects: [JudgeEffect] = []
        switch message {
        case .commit(let commit):
            judge.handle(.commit(try #require(verifier.verify(Claim(commit, by: key)))), at: .origin, into: &effects)
        case .beacon(let reveal):
            let (randomness, input) = try #require(judge.beaconProof(of: reveal.challenge))
            let output = try #require(VRF.output(of: reveal.proof, input: input, by: randomness))
            judge.handle(
                .beacon(try #require(verifier.verify(Claim(reveal, by: key))), output: output), at: .origin,
                into: &effects)
        case .reveal(let reveal):
            judge.handle(
                .reveals([.alone(try #require(verifier.verify(Claim(reveal, by: key))))]), at: .origin,
                into: &effects)
        case .batch(let batch):
            let seal = try #require(verifier.verify(Claim(batch.seal, by: key)))
            let reveals = try #require(batch.reveals(using: Town.hash))
            judge.handle(.reveals(reveals.map { .batched($0, seal) }), at: .origin, into: &effects)
        }
        #expect(effects.allSatisfy { if case .accuse = $0 { false } else { true } })
    }
}

@Suite struct GatewayTests {
    @Test func honestGatewaysAllEarn() throws {
        var town = Town(12)
        town.rules.farthest = 15_000
        var network = WitnessNetwork(town)
        for _ in 0..<480 { try network.step() }
        // A beacon names its height but not its sender, so of two that are challenged at one height a witness may take
        // one for the other. Whoever was alone passes.
        let good = network.verdicts.filter { $0.reasons.isEmpty }
        let alone = network.verdicts.filter { verdict in
            network.verdicts.count { $0.height == verdict.height } == 1
        }
        #expect(alone.count > 60 && alone.allSatisfy(\.reasons.isEmpty))
        let view = CoverageView(epoch: Epoch(0), rules: town.rules, members: town.members, pairs: [:])
        for member in town.members {
            let index = try #require(view.index(of: member.id))
            #expect(good.contains { $0.seats.contains { $0.witness == index && $0.units > 0 } })
        }
    }

    /// After a restart the same reception gives the same commit: there is nothing to be accused of.
    @Test func aRestartKeepsPromises() throws {
        let round = try Round(Town(8))
        let seed = try round.witnesses[0]
        func gateway() -> Gateway<Blake2b> {
            Gateway(
                chain: Town.chain, device: round.town.members[seed].device, eui: 1, origin: Town.origin,
                secret: Town.id(1), hash: Town.hash)
        }
        func run(_ gateway: inout Gateway<Blake2b>, _ first: UInt64, _ last: UInt64) -> [GatewayEffect] {
            var effects: [GatewayEffect] = []
            gateway.handle(.view(round.view), at: .origin, into: &effects)
            for blocks in first...last {
                let height = Height(round.challenged.height.number - 2 + blocks)
                gateway.handle(.block(height, randomness: Town.randomness(height)), at: .origin, into: &effects)
            }
            return effects
        }
        var before = gateway()
        _ = run(&before, 0, 4)
        var effects: [GatewayEffect] = []
        before.handle(.heard(try round.reception(seed)), at: .origin, into: &effects)
        #expect(effects.isEmpty)
        effects = run(&before, 5, 5)
        guard case .keep(let promise)? = effects.first else {
            Issue.record("a beacon that was heard becomes a promise")
            return
        }
        #expect(effects.count == 1, "nothing is said before the promise is durable")
        effects = []
        before.handle(.kept(challenge: promise.opening.receipt.challenge), at: .origin, into: &effects)
        #expect(effects.count == 1)
        // The restarted one opens the promise without having heard anything.
        var after = gateway()
        after.handle(.restored([promise]), at: .origin, into: &effects)
        let openings = run(&after, 6, 10).compactMap { effect -> Opening? in
            if case .say(.reveal(let opening)) = effect { opening } else { nil }
        }
        #expect(openings == [promise.opening])
        // Where it stopped between the two, it makes the commit after all.
        var late = gateway()
        late.handle(.view(round.view), at: .origin, into: &effects)
        late.handle(.restored([promise]), at: .origin, into: &effects)
        let commits = run(&late, 6, 6).compactMap { effect -> Digest? in
            if case .say(.commit(_, _, let commitment)) = effect { commitment } else { nil }
        }
        #expect(commits == [promise.opening.commitment(on: Town.chain, using: Town.hash)])
        // Hearing it again makes no second promise.
        effects = []
        before.handle(.heard(try round.reception(seed)), at: .origin, into: &effects)
        #expect(effects.isEmpty)
    }

    /// What a challenged gateway owes is not forgotten by a restart, and nothing is done for blocks of before.
    @Test(arguments: [1, 4, 6] as [UInt64]) func aRestartOwesTheProof(last: UInt64) throws {
        let round = try Round(Town(8))
        let seed = try round.target
        var gateway = Gateway(
            chain: Town.chain, device: round.town.members[seed].device, eui: 1, origin: Town.origin,
            secret: Town.id(1), hash: Town.hash)
        var effects: [GatewayEffect] = []
        gateway.handle(.view(round.view), at: .origin, into: &effects)
        let first = round.challenged.height.number - 2
        for number in first...round.challenged.height.number + last {
            gateway.handle(
                .passed(Height(number), randomness: Town.randomness(Height(number))), at: .origin, into: &effects)
        }
        #expect(effects.isEmpty)
        var (transmissions, reveals) = (0, 0)
        for number in round.challenged.height.number + last + 1...round.challenged.height.number + 9 {
            gateway.handle(
                .block(Height(number), randomness: Town.randomness(Height(number))), at: .origin, into: &effects)
            while let place = effects.firstIndex(where: { if case .prove = $0 { true } else { false } }),
                case .prove(let challenge, let input) = effects.remove(at: place)
            {
                let (proof, output) = Town.randomnessKey(seed).prove(input)
                gateway.handle(.proved(challenge: challenge, proof: proof, output: output), at: .origin, into: &effects)
            }
            for case .transmit in effects { transmissions += 1 }
            for case .say(.beacon(round.challenged.id, _, _)) in effects { reveals += 1 }
            effects = []
        }
        #expect(transmissions == (last < 2 ? 1 : 0) && reveals == 1)
    }

    /// A proof that takes its time makes nobody late, and after a restart nobody waits for a moment that may be over.
    @Test func aMomentIsCountedFromTheBlock() throws {
        let round = try Round(Town(8))
        let seed = try round.target
        func delay(provedAfter wait: TimeSpan, isRestarted: Bool = false) throws -> TimeSpan? {
            var gateway = Gateway(
                chain: Town.chain, device: round.town.members[seed].device, eui: 1, origin: Town.origin,
                secret: Town.id(1), spread: .seconds(1), hash: Town.hash)
            var effects: [GatewayEffect] = []
            gateway.handle(.view(round.view), at: .origin, into: &effects)
            let height = round.challenged.height
            for number in height.number - 2..<height.number + (isRestarted ? 1 : 0) {
                gateway.handle(
                    .passed(Height(number), randomness: Town.randomness(Height(number))), at: .origin, into: &effects)
            }
            let next = isRestarted ? height.next : height
            gateway.handle(.block(next, randomness: Town.randomness(next)), at: .origin, into: &effects)
            let (proof, output) = (round.proof, round.output)
            gateway.handle(
                .proved(challenge: round.challenged.id, proof: proof, output: output), at: .origin + wait,
                into: &effects)
            return effects.compactMap { if case .transmit(let frame) = $0 { frame.delay } else { nil } }.first
        }
        let whole = try #require(try delay(provedAfter: .zero))
        #expect(whole > .zero && whole < .seconds(1))
        let half = TimeSpan(nanoseconds: whole.nanoseconds / 2)
        #expect(try delay(provedAfter: half) == TimeSpan(nanoseconds: whole.nanoseconds - half.nanoseconds))
        #expect(try delay(provedAfter: .seconds(1)) == .zero)
        #expect(try delay(provedAfter: .zero, isRestarted: true) == .zero)
    }

    @Test func whatIsNoBeaconIsIgnored() throws {
        let round = try Round(Town(8))
        var gateway = Gateway(
            chain: Town.chain, device: round.town.members[try round.witnesses[0]].device, eui: 1, origin: Town.origin,
            secret: Town.id(1), hash: Town.hash)
        var effects: [GatewayEffect] = []
        gateway.handle(.view(round.view), at: .origin, into: &effects)
        var reception = try round.reception(try round.witnesses[0])
        gateway.handle(.heard(reception), at: .origin, into: &effects)
        reception.payload = [0x40, 1, 2, 3]
        gateway.handle(.heard(reception), at: .origin, into: &effects)
        #expect(effects.isEmpty && gateway.ignored == 2)
    }

    /// Whoever looks on is told what becomes of a packet, by the same rule that decides it.
    @Test func whyABeaconIsNotTakenUp() throws {
        let round = try Round(Town(8))
        let seed = try round.witnesses[0]
        let height = round.challenged.height
        func gateway(_ device: PublicKey) -> Gateway<Blake2b> {
            var gateway = Gateway(
                chain: Town.chain, device: device, eui: 1, origin: Town.origin, secret: Town.id(1), hash: Town.hash)
            var effects: [GatewayEffect] = []
            gateway.handle(.view(round.view), at: .origin, into: &effects)
            gateway.handle(.block(height, randomness: Town.randomness(height)), at: .origin, into: &effects)
            return gateway
        }
        let beacon = try round.reception(seed)
        func changed(_ change: (inout Reception) -> Void) -> Reception {
            var reception = beacon
            change(&reception)
            return reception
        }
        var member = gateway(round.town.members[seed].device)
        #expect(member.objection(to: beacon) == nil)
        #expect(member.objection(to: changed { $0.payload = [0x40, 1, 2, 3] }) == .notBeacon)
        #expect(member.objection(to: changed { $0.payload[7] ^= 1 }) == .otherTime)
        #expect(member.objection(to: changed { $0.payload[2] ^= 1 }) == .otherProfile)
        #expect(gateway(Town.key(900).publicKey).objection(to: beacon) == .notMember)
        var effects: [GatewayEffect] = []
        for copy in UInt8(0)..<5 {
            member.handle(.heard(changed { $0.payload[27] ^= copy }), at: .origin, into: &effects)
        }
        #expect(member.objection(to: beacon) == .repeated)
        #expect(member.objection(to: changed { $0.payload[27] ^= 9 }) == .crowded)
        #expect(member.ignored == 0 && member.limited == 1)
        #expect(Set(BeaconObjection.allCases.map(\.words)).count == BeaconObjection.allCases.count)
    }
}
