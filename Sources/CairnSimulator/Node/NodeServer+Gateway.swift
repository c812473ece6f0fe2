import CairnBase
import CairnConsensus
import CairnLedger
import CairnNode
import CairnRadio
import CairnWire
import CairnWitness

/// A node's gateway, as the real shell has it: its radio, its keys, and its promises on the disk.
extension NodeServer {
    static func gateway(_ world: NodeWorld, _ id: ProcessID) -> Gateway<MixHash>? {
        guard let town = world.town else { return nil }
        let device = town.devices[id.index].publicKey
        return Gateway(
            chain: world.chain, device: device, eui: town.stations[id.index].eui,
            origin: Randomness.origin(of: world.chain, using: MixHash()),
            secret: MixHash().digest(DomainTag("cn-sim/secret"), device.raw.bytes).raw,
            spread: world.parameters.pace, hash: MixHash())
    }

    mutating func beginGateway(_ promises: [Promise], at now: Instant, into effects: inout [Effect]) {
        guard gateway != nil else { return }
        let past = chain.coveragePast
        for view in past.views { tellGateway(.view(view), at: now, into: &effects) }
        let remembered = world.bug == .newSalts ? promises.map { salted($0) } : promises
        tellGateway(.restored(remembered), at: now, into: &effects)
        effects.append(.observe(.restored(promises)))
        for (height, value) in past.blocks {
            tellGateway(.passed(height, randomness: value), at: now, into: &effects)
        }
        register(at: now, into: &effects)
    }

    private func salted(_ promise: Promise) -> Promise {
        let salt = [UInt8](repeating: UInt8(truncatingIfNeeded: incarnation), count: Opening.saltCount)
        let opening = Opening(receipt: promise.opening.receipt, salt: salt) ?? promise.opening
        return Promise(height: promise.height, opening: opening, witness: promise.witness)
    }

    /// A block was executed.
    mutating func followGateway(_ block: ExecutedBlock, at now: Instant, into effects: inout [Effect]) {
        guard gateway != nil else { return }
        if let view = block.coverage { tellGateway(.view(view), at: now, into: &effects) }
        tellGateway(.block(block.height, randomness: block.randomness), at: now, into: &effects)
        register(at: now, into: &effects)
        if !block.verdicts.isEmpty { effects.append(.note("coverage.verdicts", UInt64(block.verdicts.count))) }
        if block.nextEpoch != nil, let town = world.town, let epoch = chain.blocks.last?.header.epoch,
            chain.paid(epoch, town.resource(id.index, on: world.chain))
        {
            let isLiar = town.liar?.node == id.index
            effects.append(.note(isLiar ? "coverage.liar-paid" : "coverage.paid", 1))
        }
    }

    mutating func tellGateway(_ input: GatewayInput, at now: Instant, into effects: inout [Effect]) {
        var wanted: [GatewayEffect] = []
        gateway?.handle(input, at: now, into: &wanted)
        for effect in wanted { carryOut(effect, at: now, into: &effects) }
    }

    private mutating func carryOut(_ effect: GatewayEffect, at now: Instant, into effects: inout [Effect]) {
        switch effect {
        case .prove(let challenge, let input):
            guard let device = world.town?.devices[id.index] else { break }
            let (proof, output) = world.scheme.proveBeacon(input, as: VRFPublicKey(device.publicKey.raw))
            tellGateway(.proved(challenge: challenge, proof: proof, output: output), at: now, into: &effects)
        case .transmit(let frame): set(.transmit(frame), at: now + frame.delay, into: &effects)
        case .keep(let promise):
            let challenge = promise.opening.receipt.challenge
            guard world.bug != .forgetPromises else {
                return tellGateway(.kept(challenge: challenge), at: now, into: &effects)
            }
            disk.keeping.append(challenge)
            disk.promises.append(promise.encoded, into: &effects)
        case .say(let statement): say(statement, at: now, into: &effects)
        }
    }

    func transmit(_ frame: Transmission, into effects: inout [Effect]) {
        guard let town = world.town else { return }
        effects.append(.note("coverage.beacons", 1))
        if town.liar?.node == id.index, town.liar?.lie == .elsewhere { effects.append(.note("coverage.elsewhere", 1)) }
        let request = SendRequest(
            payload: frame.payload, frequency: frame.frequency, spreading: frame.spreading,
            bandwidth: Region.beaconBandwidth, power: Int(frame.power / 100))
        effects.append(.send(to: town.air, .transmit(request)))
    }

    mutating func hear(_ reception: Reception, at now: Instant, into effects: inout [Effect]) {
        var reception = reception
        if world.bug == .boast { reception.strength += 10 }
        tellGateway(.heard(reception), at: now, into: &effects)
    }

    // MARK: - What gateways say

    private mutating func say(_ statement: Statement, at now: Instant, into effects: inout [Effect]) {
        guard let device = world.town?.devices[id.index] else { return }
        let (tag, body) = statement.signedBody
        guard let message = statement.signed(device.sign(body, tag: tag, chain: world.chain)) else { return }
        switch message {
        case .commit: effects.append(.note("coverage.commits", 1))
        case .beacon: effects.append(.note("coverage.proofs", 1))
        case .reveal, .batch:
            guard world.bug != .keepReceipts else { return }
            effects.append(.note("coverage.reveals", 1))
        }
        effects.append(.observe(.said(message)))
        let input = world.scheme.checked(message, for: core.judge, on: world.chain)
        publish(message, input, at: now, into: &effects)
    }

    /// Another's goes on from here, once: what is about no open challenge, or known, goes no further.
    mutating func take(_ message: CoverageMessage, at now: Instant, into effects: inout [Effect]) {
        guard core.judge.isNew(message), passedOn[message.id] == nil,
            let input = world.scheme.checked(message, for: core.judge, on: world.chain)
        else { return }
        publish(message, input, at: now, into: &effects)
    }

    private mutating func publish(
        _ message: CoverageMessage, _ input: JudgeInput?, at now: Instant, into effects: inout [Effect]
    ) {
        passedOn.updateValue(now, forKey: message.id)
        if let input { feed(.coverage(input), at: now, into: &effects) }
        say(.coverage(message), to: links.keys, into: &effects)
    }

    /// The owner puts the gateway on the chain, with every block until it is there: what was handed in before may be
    /// lost.
    private mutating func register(at now: Instant, into effects: inout [Effect]) {
        guard let town = world.town, chain.nonce(of: town.owners[id.index].id) == 0,
            let transaction = town.registration(of: id.index, on: world.chain),
            !core.pool.contains(transaction.id(chain: world.chain, using: world.hash)),
            let verified = world.verified(transaction)
        else { return }
        submit(verified, ticket: Submission.nobody, at: now, into: &effects)
    }
}
