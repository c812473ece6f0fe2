public import CairnBase
import CairnWire

/// A gateway's own part in coverage: to answer over the air when it is challenged, and to bear witness when others are.
///
/// It follows the chain by height. What it heard becomes a promise, which is made durable before the commit to it is
/// published and opened when the window comes; salts follow from a secret, so a restart cannot make a second commit.
public struct Gateway<Hash: HashFunction>: ProtocolCore {
    public typealias Input = GatewayInput
    public typealias Effect = GatewayEffect

    struct Own: Sendable {
        let height: Height
        let target: UInt32
        var isAsked = false
        var proof: VRFProof?
        var isRevealed = false
    }

    struct Heard: Sendable {
        let reception: Reception
        let at: Instant
    }

    let chain: ChainID
    let device: PublicKey
    let eui: UInt64
    let limits: Limits.Witness
    let hash: Hash
    private let secret: Bytes32
    private let spread: TimeSpan
    private var views = BoundedMap<Epoch, CoverageView>(capacity: 3, overflow: .dropLowest)
    private var randomness: ChainRandomness
    /// Challenges of this gateway that are not over.
    private var own = BoundedMap<Digest, Own>(capacity: 64, overflow: .refuseNewest)
    /// Beacons that came in while those of their height still may.
    private var heard = BoundedMap<Height, [Heard]>(capacity: 8, overflow: .dropLowest)
    /// When blocks came here.
    private var arrivals = BoundedMap<Height, Instant>(capacity: 8, overflow: .dropLowest)
    private var promises: BoundedMap<Digest, Promise>
    private var durable: OrderedSet<Digest> = []
    private var said: OrderedSet<Digest> = []
    private var commits: (epoch: Epoch, count: Int) = (Epoch(0), 0)
    /// Frames that were no beacon of ours, of no open challenge, or too late.
    public private(set) var ignored: UInt64 = 0
    /// Frames that were not answered because a limit was reached.
    public private(set) var limited: UInt64 = 0

    /// - Parameters:
    ///   - device: the key by which views name it.
    ///   - secret: known to nobody else and the same after a restart.
    ///   - spread: over how long those are spread that send at one height: a block, so that all have heard them when the
    ///     third comes.
    public init(
        chain: ChainID, device: PublicKey, eui: UInt64, origin: Digest, secret: Bytes32, spread: TimeSpan = .zero,
        limits: Limits.Witness = Limits.Witness(), hash: Hash
    ) {
        self.chain = chain
        self.device = device
        self.eui = eui
        self.secret = secret
        self.spread = spread
        self.limits = limits
        self.hash = hash
        randomness = ChainRandomness(origin: origin)
        promises = BoundedMap(capacity: 4 * limits.commitsPerEpoch, overflow: .refuseNewest)
    }

    private var head: Height { randomness.newest ?? .genesis }

    private func view(of height: Height) -> CoverageView? {
        views.entries.first { $0.value.rules.epoch(of: height) == $0.key }?.value
    }

    public mutating func handle(_ input: GatewayInput, at now: Instant, into effects: inout [GatewayEffect]) {
        switch input {
        case .view(let view): views.updateValue(view, forKey: view.epoch)
        case .passed(let height, let value): enter(height, value)
        case .block(let height, let value):
            arrivals.updateValue(now, forKey: height)
            enter(height, value)
            proveOwn(&effects)
            commitToKept(&effects)
            revealBeacons(&effects)
            promise(&effects)
            openPromises(&effects)
        case .proved(let challenge, let proof, let output):
            transmit(challenge, proof, output, now, &effects)
            revealBeacons(&effects)
        case .heard(let reception): hear(reception, now)
        case .kept(let challenge):
            durable.insert(challenge)
            commit(to: challenge, &effects)
        case .restored(let old):
            for promise in old {
                promises.updateValue(promise, forKey: promise.opening.receipt.challenge)
                durable.insert(promise.opening.receipt.challenge)
            }
        }
    }

    // MARK: - Challenged

    /// The chain is at a height. What that calls for is done with the next block that is not from before a start.
    private mutating func enter(_ height: Height, _ value: Digest) {
        randomness.set(value, at: height)
        guard let view = view(of: height), let index = view.index(of: device), let member = view.member(index),
            let value = randomness.forChallenge(at: height),
            Draw.challenges(
                member.id, at: height, rateMilli: member.rateMilli, epochBlocks: view.rules.epochBlocks,
                randomness: value, using: hash)
        else { return }
        let challenge = ChallengeKind.radio.challenge(
            of: member.id, profile: view.rules.profile, at: height, chain: chain, using: hash)
        own.updateValue(Own(height: height, target: index), forKey: challenge)
    }

    private mutating func proveOwn(_ effects: inout [GatewayEffect]) {
        for (challenge, asked) in own.entries where !asked.isAsked {
            guard let value = randomness.forChallenge(at: asked.height) else { continue }
            _ = own.mutate(challenge) { $0.isAsked = true }
            effects.append(
                .prove(challenge: challenge, input: Beacon.input(challenge: challenge, randomness: value, using: hash)))
        }
    }

    private mutating func transmit(
        _ challenge: Digest, _ proof: VRFProof, _ output: Digest, _ now: Instant, _ effects: inout [GatewayEffect]
    ) {
        guard let asked = own[challenge], asked.proof == nil else { return }
        _ = own.mutate(challenge) { $0.proof = proof }
        // After a restart it may be too late to send, and the proof is owed all the same.
        guard Timeline(asked.height).transmit.contains(head), let view = view(of: asked.height),
            let member = view.member(asked.target), let value = randomness.forChallenge(at: asked.height)
        else { return }
        let moment = Draw.moment(of: challenge, at: asked.height, within: spread, randomness: value, using: hash)
        // From when the block came. Of one that came before a start nobody knows when that was: its moment may be over.
        let due = arrivals[asked.height].map { max(now, $0 + moment) } ?? now
        let beacon = Beacon(
            output: output, profile: view.rules.profile, height: asked.height, region: member.region, using: hash)
        effects.append(
            .transmit(
                Transmission(
                    payload: beacon.payload, frequency: beacon.frequency, spreading: beacon.spreading,
                    power: beacon.power(in: member.region) - 10 * Int64(member.gain), delay: due.since(now))))
    }

    /// One block after the window opens: a validator that is a moment behind would drop what comes before.
    private mutating func revealBeacons(_ effects: inout [GatewayEffect]) {
        for (challenge, asked) in own.entries {
            let timeline = Timeline(asked.height)
            guard let proof = asked.proof, !asked.isRevealed, timeline.beacon.contains(head),
                head >= timeline.height(6)
            else { continue }
            _ = own.mutate(challenge) { $0.isRevealed = true }
            effects.append(.say(.beacon(challenge: challenge, target: asked.target, proof: proof)))
        }
        let newest = head
        own.removeAll { Timeline($1.height).beacon.upperBound < newest }
    }

    // MARK: - Witness

    private mutating func hear(_ reception: Reception, _ now: Instant) {
        do throws(BeaconObjection) {
            let height = try heightToWitness(reception)
            heard.updateValue((heard[height] ?? []) + [Heard(reception: reception, at: now)], forKey: height)
        } catch {
            switch error {
            case .notBeacon, .otherTime, .notMember, .otherProfile: ignored += 1
            case .repeated: break
            case .crowded: limited += 1
            }
        }
    }

    /// Why what the radio received would not be taken up; nil if it would.
    public func objection(to reception: Reception) -> BeaconObjection? {
        do throws(BeaconObjection) {
            _ = try heightToWitness(reception)
            return nil
        } catch {
            return error
        }
    }

    private func heightToWitness(_ reception: Reception) throws(BeaconObjection) -> Height {
        guard let beacon = BeaconHead(reception.payload) else { throw .notBeacon }
        guard let height = height(of: beacon) else { throw .otherTime }
        guard let view = view(of: height), view.index(of: device) != nil else { throw .notMember }
        guard view.rules.profile == beacon.profile else { throw .otherProfile }
        let known = heard[height] ?? []
        guard !known.contains(where: { $0.reception.payload == reception.payload }) else { throw .repeated }
        guard known.count < limits.candidatesPerReception else { throw .crowded }
        return height
    }

    /// Once no beacon of a height can come any more, commits to what was heard of it.
    private mutating func promise(_ effects: inout [GatewayEffect]) {
        for (height, receptions) in heard.entries where head >= Timeline(height).height(3) {
            heard.removeValue(forKey: height)
            for (reception, challenged, witness) in matched(receptions, at: height) {
                promise(reception, challenged, witness, &effects)
            }
        }
    }

    /// A beacon tells its height and not its sender. Where several were challenged at once, each is taken to have sent what
    /// was heard next to its moment. A receipt for the wrong one is found to be so; it earns nothing and harms nobody.
    private mutating func matched(
        _ heard: [Heard], at height: Height
    ) -> [(Reception, Challenged, witness: UInt32)] {
        guard let view = view(of: height), let index = view.index(of: device), let member = view.member(index),
            let value = randomness.forChallenge(at: height)
        else { return [] }
        var near: [(metres: UInt64, challenged: Challenged)] = []
        for challenged in Challenged.all(at: height, in: view, randomness: value, chain: chain, using: hash) {
            guard let target = view.member(challenged.target),
                Eligibility.objections(to: member, for: target, rules: view.rules).isEmpty
            else { continue }
            near.append((member.place.metres(to: target.place), challenged))
        }
        if near.isEmpty { ignored += UInt64(heard.count) }
        near.sort { ($0.metres, $0.challenged.target) < ($1.metres, $1.challenged.target) }
        return near.prefix(limits.candidatesPerReception).compactMap { _, challenged in
            let moment = Draw.moment(
                of: challenged.id, at: height, within: spread, randomness: value, using: hash)
            let nearest = heard.min {
                distance(of: $0, from: moment, at: height) < distance(of: $1, from: moment, at: height)
            }
            return nearest.map { ($0.reception, challenged, index) }
        }
    }

    /// How far from its moment a frame would have begun: two nodes hear of a block at nearly one time.
    private func distance(of heard: Heard, from moment: TimeSpan, at height: Height) -> TimeSpan {
        let airtime = Airtime.of(payload: Beacon.payloadCount, spreading: heard.reception.spreading)
        let due = (arrivals[height] ?? heard.at) + moment + airtime
        return max(due, heard.at).since(min(due, heard.at))
    }

    private mutating func promise(
        _ reception: Reception, _ challenged: Challenged, _ witness: UInt32, _ effects: inout [GatewayEffect]
    ) {
        guard promises[challenged.id] == nil, let view = view(of: challenged.height),
            let member = view.member(witness)
        else { return }
        guard !promises.isFull, charge(view.epoch) else {
            limited += 1
            return
        }
        let receipt = RadioReceipt(
            challenge: challenged.id, witness: member.device, payload: PayloadHash(of: reception.payload, using: hash),
            reception: reception, eui: eui)
        guard let opening = Opening(receipt: receipt, salt: salt(for: challenged.id)) else { return }
        let promise = Promise(height: challenged.height, opening: opening, witness: witness)
        promises.updateValue(promise, forKey: challenged.id)
        effects.append(.keep(promise))
    }

    /// The height a beacon names by its last 32 bits, if it is on the air about now. The sender may have seen two more
    /// blocks than this gateway, or two fewer: air is quicker than gossip.
    private func height(of beacon: BeaconHead) -> Height? {
        let oldest = max(head.number, 3) - 2
        return (oldest...(head.number &+ 2)).lazy.map { Height($0) }
            .first { UInt32(truncatingIfNeeded: $0.number) == beacon.height }
    }

    private mutating func charge(_ epoch: Epoch) -> Bool {
        if commits.epoch != epoch { commits = (epoch, 0) }
        guard commits.count < limits.commitsPerEpoch else { return false }
        commits.count += 1
        return true
    }

    private func salt(for challenge: Digest) -> [UInt8] {
        Array(hash.digest(Tags.salt, secret, challenge.raw).raw.bytes[..<Opening.saltCount])
    }

    /// What became durable just before a restart is committed to after it; in a window that goes on, once.
    private mutating func commitToKept(_ effects: inout [GatewayEffect]) {
        for challenge in durable where !said.contains(challenge) { commit(to: challenge, &effects) }
    }

    private mutating func commit(to challenge: Digest, _ effects: inout [GatewayEffect]) {
        guard let promise = promises[challenge], Timeline(promise.height).commit.contains(head),
            said.insert(challenge)
        else { return }
        effects.append(
            .say(
                .commit(
                    challenge: challenge, witness: promise.witness,
                    commitment: promise.opening.commitment(on: chain, using: hash))))
    }

    /// One block after the window opens: a validator that is a moment behind would drop what comes before, and could then
    /// agree to no verdict of one that was not. What was heard of one height shares a signature.
    private mutating func openPromises(_ effects: inout [GatewayEffect]) {
        let due = promises.entries.map(\.value).filter {
            Timeline($0.height).reveal.contains(head) && Timeline($0.height).height(7) <= head
        }
        var groups = OrderedMap<UInt32, [Opening]>()
        for promise in due where durable.contains(promise.opening.receipt.challenge) {
            groups[promise.witness, default: []].append(promise.opening)
        }
        for (witness, openings) in groups { reveal(openings, as: witness, &effects) }
        for promise in due { forget(promise) }
        for (_, promise) in promises.entries where Timeline(promise.height).reveal.upperBound < head { forget(promise) }
    }

    private func reveal(_ openings: [Opening], as witness: UInt32, _ effects: inout [GatewayEffect]) {
        for start in stride(from: 0, to: openings.count, by: RevealBatch.openingsMax) {
            let batch = Array(openings[start..<min(openings.count, start + RevealBatch.openingsMax)])
            guard batch.count > 1 else {
                effects.append(.say(.reveal(batch[0])))
                continue
            }
            let root = RevealBatch.tree(of: batch, using: hash).root
            effects.append(.say(.reveals(witness: witness, root: root, batch)))
        }
    }

    private mutating func forget(_ promise: Promise) {
        let challenge = promise.opening.receipt.challenge
        promises.removeValue(forKey: challenge)
        durable.remove(challenge)
        said.remove(challenge)
    }
}
