import CairnBase
import CairnLedger
import CairnRadio
import CairnWire
import CairnWitness

/// A town of gateways over the cores that nodes run, a block a second, with an attacker in it: what each radio sends
/// reaches the others through the simulated air, what each gateway says reaches a validator's judge, and what that
/// judges goes into the ledger, which pays.
///
/// Three things are simpler than in life, and none of them decides a verdict: signatures and hashes are the simulator's
/// cheap ones, everybody hears of a block and of a message at once, and consensus is a leader in turn that all obey who
/// agree with its verdicts.
struct CoverageTown<Attack: CoverageAttack> {
    private enum Event {
        case frameBegins(SendRequest, by: Int)
        case frameEnds(UInt64)
    }

    private struct Turn: Comparable {
        let at: Instant
        let order: Int

        static func < (left: Turn, right: Turn) -> Bool { (left.at, left.order) < (right.at, right.order) }
    }

    let devices: [TownDevice]
    let honest: Int
    var attack: Attack
    var chain: TownChain
    /// What honest validators hold.
    var judge: Judge<MixHash>
    /// What the attacker's validator lets itself know.
    var otherJudge: Judge<MixHash>
    let keys: [KeyedHashScheme.SigningKey]
    private let publicKeys: [PublicKey]
    private let random: SeededRandom
    private var gateways: [Gateway<MixHash>] = []
    private var air: Air
    private var queue = OrderedMap<Turn, Event>()
    private var queued = 0
    private(set) var view: CoverageView?
    private var challenged: [Challenged] = []
    // ORDER: asked by key.
    private var targets: [Digest: Int] = [:]
    private var randomness: ChainRandomness
    private(set) var now = Instant.origin
    var report = TownReport()

    private static var block: TimeSpan { .seconds(1) }
    private static var deviceKeysFrom: Int { 1_000_000 }

    init(_ attack: Attack, plan: TownPlan, seed: UInt64) throws {
        random = SeededRandom(seed: seed)
        var attack = attack
        var places = random.fork("places")
        var choices = random.fork("attack")
        let spots = plan.spots(&places)
        guard spots.count == plan.gateways else { throw TownError.crowded }
        var devices = spots.enumerated().map { TownDevice(number: $0.offset, at: $0.element) }
        for number in 0..<min(plan.anchors, devices.count) { devices[number].isAnchor = true }
        honest = devices.count
        devices += attack.devices(beside: devices, &choices)
        let scheme = KeyedHashScheme(seed: seed)
        let keys = devices.indices.map { scheme.signingKey(Self.deviceKeysFrom + $0) }
        let owners = devices.reduce(0) { max($0, $1.owner, $1.root) } + 1
        let chain = try TownChain(
            accounts: owners, anchors: devices.filter(\.isAnchor).map(\.owner), plan: plan, scheme: scheme)
        let origin = MixHash().digest(DomainTag("cn-sim/origin"), chain.id.raw.bytes)
        for (number, device) in devices.enumerated() {
            gateways.append(
                Gateway(
                    chain: chain.id, device: keys[number].publicKey, eui: device.station.eui, origin: origin,
                    secret: MixHash().digest(DomainTag("cn-sim/secret"), keys[number].publicKey.raw.bytes).raw,
                    spread: Self.block, hash: MixHash()))
        }
        randomness = ChainRandomness(origin: origin)
        judge = Judge(chain: chain.id, origin: origin, hash: MixHash())
        otherJudge = judge
        air = Air(devices.map(\.station), seed: seed)
        publicKeys = keys.map(\.publicKey)
        (self.devices, self.attack, self.keys, self.chain) = (devices, attack, keys, chain)
    }

    func isOwn(_ device: Int) -> Bool { device >= honest }

    var glimpse: TownGlimpse {
        TownGlimpse(
            height: chain.height, now: now, view: view, challenged: challenged, targets: targets,
            devices: devices, keys: publicKeys)
    }

    // MARK: - Time

    /// Until so many epochs are over and the last of them is paid.
    mutating func run(epochs: UInt64) throws {
        try run(to: chain.parameters.lastHeight(of: Epoch(epochs + chain.parameters.settlementLag)))
    }

    mutating func run(to last: Height) throws {
        while chain.height < last { try advance() }
    }

    private mutating func advance() throws {
        let height = chain.height.next
        try drain(until: .origin + .seconds(height.number))
        let verdicts = agreed(at: height)
        let value = MixHash().digest(DomainTag("cn-sim/R"), chain.id.raw.bytes + bytes(of: height.number))
        let outcomes = try chain.add(randomness: value, orders: try orders(at: height), verdicts: verdicts)
        guard outcomes.allSatisfy({ $0 == .adopted }) else { throw TownError.verdictRefused }
        for verdict in verdicts { report.count(verdict) }
        randomness.set(value, at: height)
        let epoch = chain.parameters.epoch(of: height)
        if height == chain.parameters.firstHeight(of: epoch) { try enter(epoch) }
        tellJudges(.block(height, randomness: value, adopted: verdicts))
        challenged = challenges(at: height)
        for one in challenged { targets[one.id] = glimpse.device(at: one.target) }
        // Before anybody can be challenged there is nothing to do, and of older blocks nothing to know.
        if height.advanced(by: 2) >= firstChallenges {
            for number in gateways.indices { tell(number, .block(height, randomness: value)) }
        }
        for hearing in attack.invent(at: height, in: glimpse) { tell(hearing) }
    }

    private var firstChallenges: Height { chain.parameters.firstHeight(of: Epoch(2)) }

    private mutating func enter(_ epoch: Epoch) throws {
        view = try chain.view(of: epoch)
        guard let view else { return }
        tellJudges(.view(view))
        for number in gateways.indices { tell(number, .view(view)) }
    }

    private func challenges(at height: Height) -> [Challenged] {
        guard let view, let value = randomness.forChallenge(at: height) else { return [] }
        return Challenged.all(at: height, in: view, randomness: value, chain: chain.id, using: MixHash())
    }

    private mutating func tellJudges(_ input: JudgeInput) {
        var effects: [JudgeEffect] = []
        judge.handle(input, at: now, into: &effects)
        if Attack.leaders > 0 { otherJudge.handle(input, at: now, into: &effects) }
    }

    private mutating func drain(until time: Instant) throws {
        while let (turn, event) = queue.first, turn.at < time {
            queue.removeValue(forKey: turn)
            now = turn.at
            switch event {
            case .frameBegins(let request, let number): tellAir(.send(request, by: number))
            case .frameEnds(let frame): tellAir(.ended(frame: frame))
            }
        }
        now = time
    }

    private mutating func schedule(_ event: Event, _ time: Instant) {
        queue[Turn(at: time, order: queued)] = event
        queued += 1
    }

    // MARK: - Radios

    private mutating func tellAir(_ input: Air.Input) {
        var effects: [Air.Effect] = []
        air.handle(input, at: now, into: &effects)
        for effect in effects {
            switch effect {
            case .wake(let frame, let time): schedule(.frameEnds(frame), time)
            case .received(let reception, let number) where isOnAir(number): hear(reception, number)
            case .received, .busy: break
            }
        }
    }

    private func isOnAir(_ number: Int) -> Bool {
        devices[number].isOnAir && devices[number].isThere(in: chain.parameters.epoch(of: chain.height))
    }

    private mutating func hear(_ reception: Reception, _ number: Int) {
        guard isOwn(number) else { return tell(number, .heard(reception)) }
        for hearing in attack.hear(reception, by: number, in: glimpse) { tell(hearing) }
    }

    private mutating func tell(_ hearing: Hearing) { tell(hearing.device, .heard(hearing.reception)) }

    private mutating func send(_ frame: Transmission, by number: Int) {
        let request = SendRequest(
            payload: frame.payload, frequency: frame.frequency, spreading: frame.spreading, bandwidth: 0,
            power: Int(frame.power / 100))
        let sent = isOwn(number) ? attack.send(request, by: number, in: glimpse) : request
        let antenna = devices[number].antenna ?? number
        if let sent, isOnAir(antenna) { schedule(.frameBegins(sent, by: antenna), now + frame.delay) }
        guard isOwn(number) else { return }
        for hearing in attack.relay(request, from: number, in: glimpse) { tell(hearing) }
    }

    // MARK: - Gateways

    private mutating func tell(_ number: Int, _ input: GatewayInput) {
        var effects: [GatewayEffect] = []
        gateways[number].handle(input, at: now, into: &effects)
        for effect in effects {
            switch effect {
            case .prove(let challenge, let input):
                let (proof, output) = chain.scheme.proveBeacon(input, as: VRFPublicKey(keys[number].publicKey.raw))
                tell(number, .proved(challenge: challenge, proof: proof, output: output))
            case .transmit(let frame): send(frame, by: number)
            case .keep(let promise): tell(number, .kept(challenge: promise.opening.receipt.challenge))
            case .say(let statement): say(statement, by: number)
            }
        }
    }

    private mutating func say(_ statement: Statement, by number: Int) {
        guard isOwn(number) else {
            publish(statement, by: number)
            for saying in attack.overhear(statement, in: glimpse) { publish(saying.statement, by: saying.device) }
            return
        }
        for saying in attack.say(statement, by: number, in: glimpse) { publish(saying.statement, by: saying.device) }
    }
}
