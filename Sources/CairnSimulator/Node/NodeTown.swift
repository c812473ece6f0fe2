import CairnBase
import CairnLedger
import CairnRadio
import CairnWire
import CairnWitness

/// A town in which every node has a gateway, all trusted by genesis, and all but a liar's within reach of one another.
struct NodeTown: Sendable {
    /// The radios as they are.
    let stations: [Station]
    /// Where their owners say they are.
    private let declared: [Position]
    /// The node whose gateway is not what its owner says, and how.
    let liar: (node: Int, lie: GatewayLie)?
    /// Who registers the gateway of each node, and the key of the gateway itself.
    let owners: [KeyedHashScheme.SigningKey]
    let devices: [KeyedHashScheme.SigningKey]
    /// The process that is the air.
    let air: ProcessID
    let seed: UInt64

    private static let side: UInt64 = 1_200

    init(_ cluster: Cluster, _ scheme: KeyedHashScheme, random: SeededRandom) {
        var random = random
        let centre = TownSpot(east: 0, north: 0)
        let places = TownSpot.apart(cluster.servers, side: Self.side, around: centre, &random)
        invariant(places.count == cluster.servers, "there is room for a gateway of every node")
        declared = places
        owners = (0..<cluster.servers).map { scheme.signingKey(2_000_000 + $0) }
        devices = (0..<cluster.servers).map { scheme.signingKey(3_000_000 + $0) }
        air = ProcessID(cluster.count - 1)
        seed = random.next()
        var lies = random.fork("lies")
        let chosen = GatewayLie.allCases[Int(lies.below(UInt64(GatewayLie.allCases.count)))]
        let number = Int(lies.below(UInt64(cluster.servers)))
        // Of four, three must be left that hear one another.
        let liar = lies.flip() ? (node: number, lie: chosen) : nil
        self.liar = liar
        let away = TownSpot(east: 0, north: 30_000).position ?? places[0]
        stations = places.enumerated().map { number, place in
            let lie = liar.flatMap { $0.node == number ? $0.lie : nil }
            return Station(
                eui: UInt64(number + 1), position: lie == .elsewhere ? away : place,
                behaviour: lie?.behaviour ?? .honest)
        }
    }

    /// Few gateways, each asked several times in an epoch, of which two must have heard it.
    static let profiles = ProfileRules.templates(.testnet).map { rules in
        guard rules.profile == .coverageRadio else { return rules }
        let thresholds = rules.thresholds.map { threshold in
            switch threshold.name {
            case "quorum": ProfileRules.Threshold("quorum", 2)
            case "independent": ProfileRules.Threshold("independent", 1)
            default: threshold
            }
        }
        return ProfileRules(
            profile: rules.profile, schema: rules.schema, challenge: rules.challenge,
            challengesPerThousandEpochs: 3_000, verifier: rules.verifier, thresholds: thresholds, meter: rules.meter,
            bonding: rules.bonding, bondMin: rules.bondMin, crowding: rules.crowding, subsidy: rules.subsidy,
            sharePPM: rules.sharePPM, witnessPPM: rules.witnessPPM)
    }

    var anchors: [Genesis.Anchor] { owners.map { .init(controller: $0.id, sequence: 0) } }

    func resource(_ number: Int, on chain: ChainID) -> ResourceID {
        Resource.id(chain: chain, controller: owners[number].id, sequence: 0, using: MixHash())
    }

    /// The transaction that puts a gateway on the chain; the first of its owner.
    func registration(of number: Int, on chain: ChainID) -> Transaction? {
        let (station, owner, device) = (stations[number], owners[number], devices[number])
        let radio = Radio(eui: station.eui, region: Region.eu868.rawValue, power: 160, gain: station.gain)
        guard
            let offer = Offer(
                profile: .coverageRadio, device: device.publicKey, randomness: VRFPublicKey(device.publicKey.raw),
                radio: radio),
            let network = CairnLedger.Network(.v4, prefix: UInt64(number))
        else { return nil }
        let registration = Registration(
            offer: offer, site: Site(position: declared[number], height: 0, network: network), backer: owner.id,
            deviceProof: device.sign(
                Registration.body(offer, of: owner.id), tag: Registration.domain, chain: chain))
        let body = Transaction.Body(
            chain: chain, sender: owner.id, nonce: 0, fee: Amount(units: 10_000), expiry: Height(1_000_000),
            action: .register(registration))
        return Transaction(body, signature: owner.sign(body.signedBytes(chain: chain)))
    }
}
