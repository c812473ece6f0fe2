import CairnBase
import CairnRadio

/// What the owner of a gateway does to it, while it stays registered as it was.
enum GatewayLie: String, CaseIterable, Sendable {
    /// Carries it thirty kilometres away.
    case elsewhere
    /// Puts it into a cellar, or an attenuator behind its antenna.
    case attenuated
    /// Says that it hears everything at one strength.
    case rewriting
    /// Reports two seconds late.
    case late
    /// Sends nothing.
    case mute
    /// Reports everything twice.
    case replaying

    var words: String {
        switch self {
        case .elsewhere: "stands elsewhere than it says"
        case .attenuated: "hears and is heard 60 dB less"
        case .rewriting: "says that it hears everything at -80 dBm"
        case .late: "reports two seconds late"
        case .mute: "sends nothing"
        case .replaying: "reports everything twice"
        }
    }

    /// The place as it is when it is lied about.
    func told(by place: Town.Place) -> Town.Place {
        switch self {
        case .elsewhere:
            // Towards the equator, so that there is such a place.
            let shift: Int32 = place.position.latitude > 0 ? -3_000_000 : 3_000_000
            let far = Position(latitude: place.position.latitude + shift, longitude: place.position.longitude)
            return Town.Place(
                position: far ?? place.position, gain: place.gain, behaviour: place.behaviour,
                claim: place.claim ?? place.position)
        case .attenuated: return place.behaving(.attenuated(by: 6_000))
        case .rewriting: return place.behaving(.rewriting(to: -800))
        case .late: return place.behaving(.late(by: .seconds(2)))
        case .mute: return place.behaving(.mute)
        case .replaying: return place.behaving(.replaying)
        }
    }
}

extension Town.Place {
    fileprivate func behaving(_ behaviour: Station.Behaviour) -> Town.Place {
        Town.Place(position: position, gain: gain, behaviour: behaviour, claim: claim)
    }
}

extension TestnetStart {
    /// Changes gateways while they are on the air.
    func change(
        gatewaysOf nodes: [TestnetManifest.Node], _ told: (Town.Place) -> Town.Place
    ) throws(Failure) {
        guard testnet.manifest.hasRadios else { throw Failure(.faultRefused, "this testnet has no gateways") }
        let town = try TestnetTown(testnet)
        var gateways = try testnet.gatewaysOnAir()
        for node in nodes {
            guard let index = testnet.manifest.nodes.firstIndex(of: node), gateways.indices.contains(index) else {
                throw Failure(.faultRefused, "node \(node.name) has no gateway")
            }
            gateways[index] = RadioPlan.Gateway(
                eui: gateways[index].eui, node: gateways[index].node, place: told(town.town.places[index]))
        }
        try putOnAir(gateways, of: town)
    }

    /// Puts all gateways back to what the town says of them; those of which it was not true.
    func makeGatewaysHonest() throws(Failure) -> [TestnetManifest.Node] {
        let liars = try testnet.lyingGateways()
        guard !liars.isEmpty else { return [] }
        let town = try TestnetTown(testnet)
        try putOnAir(town.plan.gateways, of: town)
        return liars
    }

    private func putOnAir(_ gateways: [RadioPlan.Gateway], of town: TestnetTown) throws(Failure) {
        guard let process = testnet.process(named: TestnetDirectory.radio) else {
            throw Failure(.faultRefused, "the gateways of testnet \(testnet.manifest.name) are not on the air")
        }
        let plan = RadioPlan(seed: testnet.manifest.seed, rules: town.town.rules, gateways: gateways)
        try TextFile.replace(testnet.directory.radioFile, plan.text)
        process.signal(.reload)
    }
}

extension Testnet {
    /// As the process that simulates them was told last.
    func gatewaysOnAir() throws(Failure) -> [RadioPlan.Gateway] {
        let file = directory.radioFile
        return try RadioPlan(file: file, text: TextFile.read(file)).gateways
    }

    /// The nodes whose gateways were made liars since the town was built.
    func lyingGateways() throws(Failure) -> [TestnetManifest.Node] {
        guard manifest.hasRadios, fileExists(directory.radioFile) else { return [] }
        let honest = try TestnetTown(self).plan.gateways
        return zip(manifest.nodes, zip(honest, try gatewaysOnAir())).filter { $1.0 != $1.1 }.map(\.0)
    }
}
