import CairnBase
import CairnConsensus

/// What every process of a simulated chain knows from the start: the chain, the keys, and who sits in which epoch.
///
/// Weights change with every epoch and one server at a time is without a seat, except in small clusters. The lying
/// servers hold as much as they can without reaching a third.
public struct ConsensusWorld: Sendable {
    let cluster: Cluster
    let hash = MixHash()
    let keys: KeyedHashScheme
    let signingKeys: [KeyedHashScheme.SigningKey]
    let chain: ChainID
    let parameters: ConsensusParameters
    let rules: Rules
    let stakes: Stakes
    /// How each lying server lies.
    let liars: OrderedMap<Int, Lie>
    let random: SeededRandom
    let validators: [(key: PublicKey, node: NodeID, randomnessKey: VRFPublicKey)]
    /// Of the first epochs, with their hashes: every step asks for them.
    private var committees: [(committee: Committee, hash: Digest)] = []
    /// The price of a signature and of a check; zero where time does not matter.
    let cost: SignatureCost

    /// How weight is spread over the servers.
    enum Stakes: Sendable, Equatable {
        /// Drawn anew for every epoch, with one honest server at a time without a seat. Liars hold as many whole units as
        /// stay below a third: one unit more, and it would be a third.
        case drawn
        /// One unit each, in every epoch.
        case equal
        /// Drawn, but liars hold this many hundredths of the whole.
        case liarsHold(percent: UInt64)
    }

    struct SignatureCost: Sendable {
        var sign = TimeSpan.zero
        var verify = TimeSpan.zero
    }

    init(
        cluster: Cluster, random: SeededRandom, rules: Rules = .all, parameters: ConsensusParameters,
        stakes: Stakes = .drawn, liars: OrderedMap<Int, Lie> = [:], cost: SignatureCost = SignatureCost()
    ) {
        self.stakes = stakes
        self.cluster = cluster
        self.random = random
        self.rules = rules
        self.parameters = parameters
        self.liars = liars
        self.cost = cost
        let hash = self.hash
        let keys = KeyedHashScheme(seed: random.fork("keys").draw(.max))
        self.keys = keys
        signingKeys = (0..<cluster.servers).map(keys.signingKey)
        func id(_ label: String, _ index: Int) -> Bytes32 {
            hash.digest(DomainTag("sim/id"), Array("\(label)-\(index)".utf8)).raw
        }
        chain = ChainID(id("chain", Int(truncatingIfNeeded: random.fork("chain").draw(1 << 62))))
        validators = signingKeys.enumerated().map { index, key in
            (key.publicKey, NodeID(id("node", index)), VRFPublicKey(id("vrf", index)))
        }
        for epoch in 0..<Self.preparedEpochs(stakes) {
            let committee = makeCommittee(of: Epoch(epoch))
            committees.append((committee, committee.hash(using: hash)))
        }
    }

    func isLiar(_ id: ProcessID) -> Bool { liars.contains(id.index) }

    func process(of node: NodeID) -> ProcessID? {
        validators.firstIndex { $0.node == node }.map(ProcessID.init)
    }

    func process(of key: PublicKey) -> ProcessID? {
        validators.firstIndex { $0.key == key }.map(ProcessID.init)
    }

    /// What a server weighs in a committee; nothing without a seat.
    func weight(of server: Int, in committee: Committee) -> UInt64 {
        committee.index(of: validators[server].key).map(committee.weight) ?? 0
    }

    // MARK: - Epochs

    private static func preparedEpochs(_ stakes: Stakes) -> UInt64 { stakes == .equal ? 1 : 64 }

    /// The committee of an epoch. Lying servers weigh the most that stays below a third, in whole units.
    func committee(of epoch: Epoch) -> Committee {
        let prepared = stakes == .equal ? 0 : Int(clamping: epoch.number)
        return prepared < committees.count ? committees[prepared].committee : makeCommittee(of: epoch)
    }

    func committeeHash(of epoch: Epoch) -> Digest {
        let prepared = stakes == .equal ? 0 : Int(clamping: epoch.number)
        return prepared < committees.count
            ? committees[prepared].hash : makeCommittee(of: epoch).hash(using: hash)
    }

    private func makeCommittee(of epoch: Epoch) -> Committee {
        let weights = stakes == .equal ? validators.map { _ in 1 } : drawnWeights(of: epoch)
        let members = validators.indices.filter { weights[$0] > 0 }.map {
            Validator(
                key: validators[$0].key, node: validators[$0].node, randomnessKey: validators[$0].randomnessKey,
                weight: weights[$0])
        }
        do {
            return try Committee(members)
        } catch {
            fatalError("the drawn committee is sound: \(error)")
        }
    }

    private func drawnWeights(of epoch: Epoch) -> [UInt64] {
        var draw = random.fork("committee", epoch.number)
        let rests = cluster.servers >= 6 && stakes == .drawn
        var honest = validators.indices.filter { !liars.contains($0) }
        let lying = validators.indices.filter(liars.contains)
        if rests { honest.remove(at: Int(draw.below(UInt64(honest.count)))) }
        var weights: [UInt64] = validators.map { _ in 0 }
        for index in honest { weights[index] = 1_000 + draw.below(200) }
        let honestWeight = weights.reduce(0, +)
        var left: UInt64 =
            switch stakes {
            case .liarsHold(let percent): honestWeight * percent / (100 - percent)
            // w < W/3 means 2w < honest: the greatest whole w.
            case .drawn, .equal: honestWeight > 0 ? (honestWeight - 1) / 2 : 0
            }
        for (position, index) in lying.enumerated() {
            let share = left / UInt64(lying.count - position)
            weights[index] = max(1, share)
            left -= min(left, share)
        }
        return weights
    }

    /// What a server's application offers for its block.
    func offer(_ request: PayloadRequest, by index: Int, unixMilliseconds: UInt64) -> PayloadOffer {
        let (output, proof) = keys.prove(request.randomnessInput, as: validators[index].randomnessKey)
        let words = [request.height.number, request.view.number, UInt64(index)]
        return PayloadOffer(
            epoch: request.epoch, view: request.view, payload: Payload(bytes: words.map { UInt8($0 & 0x7f) }),
            time: unixMilliseconds, output: output, proof: proof)
    }

    /// A block of the first epoch as a server would build it, upon a block or upon where the epoch starts.
    func block(in view: View, on parent: Header?, by server: Int, payload: Payload) -> Block {
        let plan = firstPlan
        let height = (parent?.height ?? plan.anchor.height).next
        let previous = parent?.randomness.next(using: hash) ?? plan.anchor.randomness
        let input = Randomness.input(chain: chain, height: height, previous: previous, using: hash)
        let (output, proof) = keys.prove(input, as: validators[server].randomnessKey)
        let header = Header(
            chain: chain, epoch: plan.epoch, view: view, height: height,
            parent: parent?.digest(using: hash) ?? plan.anchor.block, parentView: parent?.view ?? View(0),
            payload: payload.reference(using: hash), time: parent?.time ?? plan.anchor.time,
            leader: plan.committee.index(of: validators[server].key) ?? MemberIndex(0),
            nextCommittee: plan.nextCommittee, startState: plan.startState,
            randomness: RandomnessStep(previous: previous, output: output, proof: proof))
        return Block(header: header, payload: payload)
    }

    /// The application's judgement of a body: those that liars spoil begin with this byte.
    func isValid(_ payload: Payload) -> Bool { payload.bytes.first != 0xff }

    var firstPlan: EpochPlan {
        let origin = Randomness.origin(of: chain, using: hash)
        return plan(
            Epoch(0), startState: .zero, middle: origin,
            anchor: Anchor(block: Digest(chain.raw), height: Height(0), time: 0, randomness: origin))
    }

    func plan(_ epoch: Epoch, startState: Digest, middle: Digest, anchor: Anchor) -> EpochPlan {
        EpochPlan(
            epoch: epoch, committee: committee(of: epoch),
            nextCommittee: committeeHash(of: epoch.next), startState: startState, middle: middle, anchor: anchor)
    }

    /// Knows the committees around an epoch: the one before for laggards' news, the next for early messages.
    func verifier(around epoch: Epoch) -> MessageVerifier<MixHash, KeyedHashScheme> {
        let epochs = [epoch, epoch.next] + (epoch.number > 0 ? [epoch.preceding()] : [])
        return MessageVerifier(
            chain: chain, hash: hash, cryptography: keys,
            epochs: epochs.map { .init(epoch: $0, committee: committee(of: $0)) })
    }
}

extension SeededRandom {
    /// A single draw from a stream of its own.
    func draw(_ bound: UInt64) -> UInt64 {
        var copy = self
        return copy.below(bound)
    }
}
