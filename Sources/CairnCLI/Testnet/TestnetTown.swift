import CairnBase
import CairnCrypto
import CairnLedger
import CairnRadio
import CairnWire
import CairnWitness

/// The gateways of a testnet: node *i* has the one at the *i*-th place of the town.
struct TestnetTown {
    let testnet: Testnet
    let town: Town

    init(_ testnet: Testnet) throws(Failure) {
        self.testnet = testnet
        let file = testnet.directory.townFile
        town = try Town(file: file, text: TextFile.read(file))
        try Self.check(town, holds: testnet.manifest.nodes.count, file)
    }

    static func check(_ town: Town, holds count: Int, _ file: String) throws(Failure) {
        guard count <= town.places.count else {
            throw Failure(
                .townInvalid, "\(file) has \(town.places.count) places for \(count) nodes",
                do: Hint("--nodes \(town.places.count)", "is as many as fit"))
        }
    }

    /// A locally administered number: no maker of radios has it.
    static func eui(_ index: Int) -> UInt64 { 0x02ca_fe00_0000_0000 | UInt64(index) }

    /// What the configuration of a node says of its radio.
    static func settings(of node: TestnetManifest.Node, _ index: Int) -> [String: [String]] {
        [
            Setting.radioListen.name: ["\(node.radio)"], Setting.radioGateway.name: [hex(eui(index))],
        ]
    }

    var plan: RadioPlan {
        RadioPlan(
            seed: testnet.manifest.seed, rules: town.rules,
            gateways: testnet.manifest.nodes.enumerated().map { index, node in
                RadioPlan.Gateway(eui: Self.eui(index), node: node.radio, place: town.places[index])
            })
    }

    /// Registers a node's gateway: at the place where its owner says that it stands.
    func gateway(_ index: Int, on client: NodeClient) throws(Failure) -> SignedAction {
        let device = DeviceIdentity(seed: TestnetGenesis.seed(testnet.manifest, index, .device))
        let place = town.places[index]
        let radio = Radio(
            eui: Self.eui(index), region: Region.eu868.rawValue, power: Int16(Region.eu868.maximumPower / 10),
            gain: place.gain)
        let offer = Offer(
            profile: .coverageRadio, device: device.key.publicKey, randomness: device.vrf.publicKey, radio: radio)
        return try register(offer, device, of: index, at: place.claim ?? place.position, on: client)
    }

    /// Registers the room of a node that keeps pieces, in units; its device is the node's own key, by which holders are
    /// reached.
    func holder(_ index: Int, room: UInt64, on client: NodeClient) throws(Failure) -> SignedAction {
        let device = DeviceIdentity(seed: TestnetGenesis.seed(testnet.manifest, index, .node))
        let offer = Offer(
            profile: .storageHot, device: device.key.publicKey, randomness: device.vrf.publicKey,
            capacity: UInt32(clamping: room >> 20))
        return try register(offer, device, of: index, at: town.places[index].position, on: client)
    }

    /// Registers what a node seals, in units.
    func sealer(_ index: Int, room: UInt64, on client: NodeClient) throws(Failure) -> SignedAction {
        let device = DeviceIdentity(ofSealedPartitionsBeside: TestnetGenesis.seed(testnet.manifest, index, .node))
        let offer = Offer(
            profile: .storageSealed, device: device.key.publicKey, randomness: device.vrf.publicKey,
            capacity: UInt32(clamping: room >> 20))
        return try register(offer, device, of: index, at: town.places[index].position, on: client)
    }

    /// By the node's account, on the node's own loopback network.
    private func register(
        _ offer: Offer?, _ device: borrowing DeviceIdentity, of index: Int, at position: Position,
        on client: NodeClient
    ) throws(Failure) -> SignedAction {
        let manifest = testnet.manifest
        let account = AccountIdentity(seed: TestnetGenesis.seed(manifest, index, .account))
        guard let offer, let network = Network(.v4, prefix: UInt64((manifest.nodes[index].listen.address.v4 ?? 0) >> 8))
        else { throw Failure(.townInvalid, "what node n\(index) offers cannot be registered") }
        let chain = try client.chain()
        let registration = Registration(
            offer: offer, site: Site(position: position, height: 1_000, network: network), backer: account.id,
            deviceProof: device.key.sign(
                Registration.body(offer, of: account.id), tag: Registration.domain, chain: chain))
        return try SignedAction(.register(registration), by: account, on: chain, .init(), through: client)
    }
}
