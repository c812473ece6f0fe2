import CairnBase
import CairnLedger
import CairnStorage
import CairnWire

/// What becomes of the storage of one node, beside what the kernel does to all.
enum HolderFate: Sendable {
    /// At a height it answers nothing any more.
    case dies
    /// At a height its owner takes it off the chain, and then it answers nothing any more.
    case leaves
    /// Says that it holds what it has thrown away, and shows something else.
    case lies
    /// Has promised more room than there is.
    case isFull
    /// Its answers come late, many of them too late for a round.
    case isSlow
    /// At a height the files of its pieces are gone.
    case losesFiles
    /// From a height on its pieces change on the disk, one after the other.
    case rots

    /// Whether others must come to hold what it was given.
    var isBad: Bool {
        switch self {
        case .dies, .leaves, .lies, .isFull: true
        case .isSlow, .losesFiles, .rots: false
        }
    }
}

/// A network with storage: every node offers some, and has two witnesses beside it, all named by genesis.
struct NodeDepot: Sendable {
    /// One resource, registered by an owner of its own.
    struct Offered: Sendable {
        let owner: KeyedHashScheme.SigningKey
        let device: KeyedHashScheme.SigningKey
        let node: Int
        let number: Int
        let place: Position
        let capacity: UInt32?
    }

    /// The storage of each node in order, then the witnesses.
    let offered: [Offered]
    /// The node whose storage does not what others do, what it does, and from which height on.
    let fate: (node: Int, fate: HolderFate, from: Height)
    /// The process that puts objects, and what it pays with.
    let depositor: ProcessID
    let purse: KeyedHashScheme.SigningKey
    let code: ErasureCode
    let pace: UInt64
    let epochBlocks: UInt64

    static let witnessesPerNode = 2
    static let price = Amount(units: 1_000_000)
    private static let deadline: UInt64 = 700

    init(_ cluster: Cluster, _ members: [NodeWorld.Member], _ scheme: KeyedHashScheme, random: SeededRandom) {
        var random = random
        let count = cluster.servers * (1 + Self.witnessesPerNode)
        let centre = TownSpot(east: 0, north: 0)
        let places = TownSpot.apart(count, side: 8_000, around: centre, &random)
        invariant(places.count == count, "there is room for every resource")
        offered = (0..<count).map { number in
            let node = number % cluster.servers
            let isStorage = number < cluster.servers
            return Offered(
                owner: scheme.signingKey(4_000_000 + number),
                device: isStorage ? members[node].node : scheme.signingKey(5_000_000 + number), node: node,
                number: number, place: places[number], capacity: isStorage ? 64 : nil)
        }
        depositor = ProcessID(cluster.count - 1)
        purse = scheme.signingKey(6_000_000)
        // One node too many for every object, so that there is somebody to take a shard over.
        let total = max(3, cluster.servers - 2 + (random.below(2) == 0 ? 1 : 0))
        guard let code = ErasureCode(needed: 2, total: min(total, cluster.servers - 1)) else {
            fatalError("two of three or more is a code")
        }
        self.code = code
        pace = 300 + 100 * random.below(2)
        epochBlocks = 12 + random.below(4)
        let fates: [HolderFate] = [.dies, .leaves, .lies, .isFull, .isSlow, .losesFiles]
        let chosen = fates[Int(random.below(UInt64(fates.count)))]
        let node = Int(random.below(UInt64(cluster.servers)))
        let from = Height(3 * epochBlocks + random.below(40))
        fate = (node, random.chance(ppm: 850_000) ? chosen : .rots, from)
    }

    /// Small objects in short rounds, with windows just as long as the pace needs.
    var profiles: [ProfileRules] {
        let answer = (Self.deadline + 1_000 + pace - 1) / pace
        let first = 10 + 2 * answer
        return ProfileRules.templates(.testnet).map { rules in
            guard rules.profile == .storageHot else { return rules }
            let own = ["deadlineMs", "windowFirst", "windowLast"]
            let thresholds =
                rules.thresholds.filter { !own.contains($0.name) } + [
                    .init("deadlineMs", Self.deadline), .init("windowFirst", first), .init("windowLast", first + 16),
                ]
            return ProfileRules(
                profile: rules.profile, schema: rules.schema, challenge: rules.challenge,
                challengesPerThousandEpochs: rules.challengesPerThousandEpochs, verifier: rules.verifier,
                thresholds: thresholds, meter: rules.meter, bonding: rules.bonding, bondMin: rules.bondMin,
                crowding: rules.crowding, subsidy: rules.subsidy, sharePPM: rules.sharePPM,
                witnessPPM: rules.witnessPPM)
        }
    }

    var anchors: [Genesis.Anchor] { offered.map { .init(controller: $0.owner.id, sequence: 0) } }

    /// Of the epoch in which the first of them may be drawn.
    var firstOrder: Height { Height(2 * epochBlocks + 1) }

    func fate(of node: Int, at height: Height) -> HolderFate? {
        guard fate.node == node else { return nil }
        switch fate.fate {
        case .lies, .isFull, .isSlow: return fate.fate
        case .dies, .leaves, .losesFiles, .rots: return height >= fate.from ? fate.fate : nil
        }
    }

    /// Whether a node's storage is not to be counted on, at any time.
    func isFated(_ node: Int) -> Bool { fate.node == node && fate.fate != .isSlow }

    func resource(_ number: Int, on chain: ChainID) -> ResourceID {
        Resource.id(chain: chain, controller: offered[number].owner.id, sequence: 0, using: MixHash())
    }

    /// The transaction that puts a resource on the chain; the first of its owner.
    func registration(of number: Int, on chain: ChainID) -> Transaction? {
        let one = offered[number]
        let profile: Profile = one.capacity == nil ? .coverageRTT : .storageHot
        guard
            let offer = Offer(
                profile: profile, device: one.device.publicKey,
                randomness: VRFPublicKey(one.device.publicKey.raw), capacity: one.capacity),
            let network = CairnLedger.Network(.v4, prefix: UInt64(number))
        else { return nil }
        let registration = Registration(
            offer: offer, site: Site(position: one.place, height: 0, network: network), backer: one.owner.id,
            deviceProof: one.device.sign(
                Registration.body(offer, of: one.owner.id), tag: Registration.domain, chain: chain))
        return transaction(.register(registration), 0, of: number, on: chain)
    }

    /// The transaction that takes it off again; the second.
    func retirement(of number: Int, on chain: ChainID) -> Transaction {
        transaction(.retire(resource(number, on: chain)), 1, of: number, on: chain)
    }

    private func transaction(_ action: Action, _ nonce: UInt64, of number: Int, on chain: ChainID) -> Transaction {
        let owner = offered[number].owner
        let body = Transaction.Body(
            chain: chain, sender: owner.id, nonce: nonce, fee: Amount(units: 10_000), expiry: Height(1_000_000),
            action: action)
        return Transaction(body, signature: owner.sign(body.signedBytes(chain: chain)))
    }
}
