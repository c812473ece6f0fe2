import CairnBase
import CairnLedger
import CairnRadio
import CairnWire
import CairnWitness

/// What gateways say reaches the judges; what a leader proposes is in the block if the honest agree, and else the next
/// leader's.
extension CoverageTown {
    private static var leadersInTurn: UInt64 { 4 }

    mutating func agreed(at height: Height) -> [CoverageVerdict] {
        let honest = judge.verdicts(at: height)
        guard height.number % Self.leadersInTurn < Attack.leaders else { return honest }
        let proposed = attack.propose(otherJudge.verdicts(at: height), in: glimpse)
        if case .needs(let wanted) = judge.check(proposed, at: height) { fetch(wanted) }
        if judge.check(proposed, at: height) == .agreed { return proposed }
        report.viewsLost += 1
        return honest
    }

    /// The honest ask the leader for the receipts that its verdicts rest on.
    private mutating func fetch(_ wanted: [WantedReceipts]) {
        var effects: [JudgeEffect] = []
        for want in wanted {
            let receipts = otherJudge.receipts(of: want.challenge, under: want.root) ?? []
            let vouched = receipts.compactMap { chain.scheme.vouched($0, on: chain.id) }
            judge.handle(.fetched(want, vouched), at: now, into: &effects)
        }
    }

    mutating func publish(_ statement: Statement, by number: Int) {
        let (tag, body) = statement.signedBody
        guard let message = statement.signed(keys[number].sign(body, tag: tag, chain: chain.id)) else { return }
        report.count(message)
        guard let input = chain.scheme.checked(message, for: judge, on: chain.id) else { return }
        var effects: [JudgeEffect] = []
        judge.handle(input, at: now, into: &effects)
        guard Attack.leaders > 0, attack.admits(statement, by: number, in: glimpse) else { return }
        otherJudge.handle(input, at: now, into: &effects)
    }

    // MARK: - Orders

    /// Who registers or retires in this block.
    func orders(at height: Height) throws -> [(owner: Int, action: Action)] {
        let epoch = chain.parameters.epoch(of: height)
        guard height == chain.parameters.firstHeight(of: epoch) else { return [] }
        var orders: [(owner: Int, action: Action)] = []
        for (number, device) in devices.enumerated() {
            if device.joins == epoch { orders.append((device.owner, .register(try registration(of: number)))) }
            if device.leaves == epoch { orders.append((device.owner, .retire(chain.resource(of: device.owner)))) }
        }
        return orders
    }

    private func registration(of number: Int) throws -> Registration {
        let (device, key) = (devices[number], keys[number])
        let radio = Radio(
            eui: device.station.eui, region: Region.eu868.rawValue, power: 160, gain: device.station.gain)
        guard
            let offer = Offer(
                profile: .coverageRadio, device: key.publicKey, randomness: VRFPublicKey(key.publicKey.raw),
                radio: radio),
            let network = CairnLedger.Network(.v4, prefix: device.network)
        else { throw TownError.offMap }
        return Registration(
            offer: offer, site: Site(position: device.declared, height: 0, network: network),
            backer: chain.account(device.root),
            deviceProof: key.sign(
                Registration.body(offer, of: chain.account(device.owner)), tag: Registration.domain, chain: chain.id))
    }
}

/// What happened in a town.
struct TownReport: Sendable {
    /// Verdicts by reason; those without one have none.
    var reasons = OrderedMap<Int, Int>()
    var verdicts = 0
    /// Blocks that honest validators did not vote for.
    var viewsLost = 0
    /// In blocks, and said by gateways.
    var verdictBytes = 0
    var messages = 0
    var messageBytes = 0

    mutating func count(_ verdict: CoverageVerdict) {
        verdicts += 1
        verdictBytes += Verdict.coverage(verdict).encoded.count
        for reason in verdict.reasons.list { reasons[Int(reason.rawValue), default: 0] += 1 }
    }

    mutating func count(_ message: CoverageMessage) {
        messages += 1
        messageBytes += message.encoded.count
    }
}

/// Big-endian, for hashing.
func bytes(of number: UInt64) -> [UInt8] { (0..<8).reversed().map { UInt8(truncatingIfNeeded: number >> (8 * $0)) } }
