import CairnBase
import CairnCrypto
import CairnNode
import CairnStorage
import CairnTransport
import CairnWire
import CairnWitness

/// A node's part as a witness of storage: when it is the turn of one of its resources, it asks, and says what it saw.
final class AuditShell {
    private let network: PeerNetwork
    private let chain: ChainShell
    private let devices: [SharedDeviceKeys]
    private let log: Logger
    /// Where a provider listens, as far as this node knows.
    var whereabouts: ((NodeID) -> Endpoint?)?
    /// What is asked of holders of shards.
    private var core: AuditDesk<Blake2b>
    private var open: [UInt64: PeerNetwork.OpenQuestion] = [:]  // ORDER: looked up by ticket only
    private var inputs: [AuditDeskInput] = []
    /// Walks over what is sealed, by provider, in the order of their turn; the first few are on their way.
    private var queues: [NodeID: Queue] = [:]  // ORDER: looked up by provider only
    /// Of what is sealed.
    private var walked: [WalkResult: UInt64] = [:]  // ORDER: looked up by result only
    private var droppedWalks: UInt64 = 0
    private var checker: Worker<Check, Checked>?
    private var checks = Tickets<WalkResult?>()
    private var unaskedWalks: UInt64 = 0

    /// By what was seen.
    var seen: [(result: WalkResult, count: UInt64)] {
        core.seen.map { ($0.result, $0.count + (walked[$0.result] ?? 0)) }
    }
    var dropped: UInt64 { core.dropped + droppedWalks }
    /// Of providers that could not be asked, which says nothing of them.
    var unasked: UInt64 { core.unasked + unaskedWalks }

    private struct Check: Sendable {
        let shown: WalkCheck
        let ticket: UInt64
    }

    private struct Checked: Sendable {
        let result: WalkResult
        let ticket: UInt64
    }

    private struct Queue {
        var open: [SealedTalk] = []
        var waiting: [SealedTalk] = []
    }

    /// As many as may be under way with one peer at a time, walks and shards together: a walk's time runs once it began.
    private static let openMax = 2
    private static let waitingMax = 1_024
    /// Full checks that wait to be looked at.
    private static let checksMax = 64

    init(
        on network: PeerNetwork, _ chain: ChainShell, _ devices: [SharedDeviceKeys], log: Logger
    ) throws(SystemError) {
        self.network = network
        self.chain = chain
        self.devices = devices
        self.log = log
        core = AuditDesk(chain: chain.chain, hash: Blake2b())
        checker = try Worker(
            name: "check", on: network.loop, capacity: Self.checksMax,
            makeWork: { { Checked(result: $0.shown.result(), ticket: $0.ticket) } },
            complete: { [weak self] in self?.checks.close($0.ticket)?($0.result) })
        chain.onAudit = { [weak self] effect in self?.carryOut(effect) }
    }

    func close() {
        checker?.finish()
        checker = nil
    }

    private func look(at shown: WalkCheck, _ done: @escaping (WalkResult?) -> Void) {
        guard let ticket = checks.open(done) else { return done(nil) }
        if checker?.submit(Check(shown: shown, ticket: ticket)) != true { checks.close(ticket)?(nil) }
    }

    private func carryOut(_ effect: AuditEffect) {
        guard case .ask(let audit, let witness, let deadline) = effect,
            let device = device(of: witness)
        else { return }
        guard audit.shard == nil else {
            let (proof, nonce) = device.identity.vrf.prove(audit.nonceInput(using: Blake2b()))
            return handle(.ask(audit, as: witness, within: deadline, proof: proof, nonce: nonce))
        }
        let talk = SealedTalk(network, on: chain.chain, audit, as: witness, device) { [weak self] talk, outcome in
            self?.conclude(talk, outcome)
        }
        talk.onUnreached = { [weak self] provider in self?.visit(provider) ?? false }
        talk.check = { [weak self] shown, done in
            guard let self else { return done(nil) }
            look(at: shown, done)
        }
        guard queues[talk.provider, default: Queue()].waiting.count < Self.waitingMax else { return droppedWalks += 1 }
        queues[talk.provider, default: Queue()].waiting.append(talk)
        next(talk.provider)
    }

    private func next(_ provider: NodeID) {
        while let queue = queues[provider], queue.open.count + core.openCount(with: provider) < Self.openMax,
            let talk = queue.waiting.first
        {
            queues[provider]?.waiting.removeFirst()
            queues[provider]?.open.append(talk)
            talk.start()
        }
        guard let queue = queues[provider], queue.open.isEmpty, queue.waiting.isEmpty else { return }
        queues[provider] = nil
        if !core.isBusy(with: provider) { network.leave(provider) }
    }

    private func conclude(_ talk: SealedTalk, _ outcome: SealedTalk.Outcome?) {
        queues[talk.provider]?.open.removeAll { $0 === talk }
        // Not in this call: a talk that ends at once would start the next inside itself.
        network.loop.after(.zero) { [weak self] in self?.next(talk.provider) }
        guard let outcome else { return unaskedWalks += 1 }
        tell(outcome, of: talk)
    }

    private func tell(_ outcome: SealedTalk.Outcome, of talk: SealedTalk) {
        walked[outcome.result, default: 0] += 1
        let receipt = WalkReceipt(
            challenge: talk.audit.challenge, provider: talk.audit.provider.place, partition: talk.audit.partition,
            witness: talk.witness.place, result: outcome.result,
            elapsedMilliseconds: UInt32(clamping: outcome.elapsed.milliseconds), proof: talk.proof,
            last: outcome.last, answer: outcome.answer)
        say(receipt, of: talk.audit, as: talk.device)
    }

    private func say(_ receipt: WalkReceipt, of audit: StorageAudit, as device: SharedDeviceKeys) {
        if receipt.result != .good {
            log.info(
                audit.shard == nil ? "a provider did not show its partition" : "a holder did not show its shard",
                ["resource": .id(audit.provider.id), "result": .text("\(receipt.result)")])
        }
        let signature = device.identity.key.sign(receipt.encoded, tag: SignedWalkReceipt.tag, chain: chain.chain)
        chain.publish(SignedWalkReceipt(receipt, signature: signature))
    }

    var document: JSON {
        .object(
            seen.filter { $0.count > 0 }.map { JSON.Member("\($0.result)", JSON($0.count)) }
                + [JSON.Member("dropped", JSON(dropped)), JSON.Member("unasked", JSON(unasked))])
    }
}

// MARK: - Shards

extension AuditShell {
    private func device(of witness: AuditParty) -> SharedDeviceKeys? {
        devices.first { $0.device == witness.device }
    }

    private func visit(_ provider: NodeID) -> Bool {
        guard let endpoint = whereabouts?(provider) else { return false }
        return network.visit(PeerAddress(provider, at: endpoint))
    }

    /// What effects lead to at once waits until all of them are carried out.
    private func handle(_ input: AuditDeskInput) {
        inputs.append(input)
        guard inputs.count == 1 else { return }
        while let next = inputs.first {
            var effects: [AuditDeskEffect] = []
            core.handle(next, at: network.loop.now, into: &effects)
            for effect in effects { carryOut(effect) }
            inputs.removeFirst()
        }
    }

    private func carryOut(_ effect: AuditDeskEffect) {
        switch effect {
        case .ask(let question, let provider, let ticket, let dials): ask(question, of: provider, ticket, dials)
        case .cancel(let ticket):
            if let question = open.removeValue(forKey: ticket) { network.cancel(question) }
        case .leave(let provider):
            queues[provider] == nil ? network.leave(provider) : next(provider)
        case .say(let receipt, let audit, let witness):
            if let device = device(of: witness) { say(receipt, of: audit, as: device) }
        case .setTimer(let timer, let instant):
            network.loop.after(instant.since(network.loop.now)) { [weak self] in self?.handle(.timer(timer)) }
        }
    }

    private func ask(_ question: ShardQuestion, of provider: NodeID, _ ticket: UInt64, _ dials: Bool) {
        open[ticket] = network.ask(.pieces, PieceQuestion.show(question).encoded, of: provider) {
            [weak self] answer in self?.hear(answer, ticket)
        }
        guard open[ticket] == nil else { return handle(.sent(ticket: ticket)) }
        handle(.unsent(ticket: ticket, isDialled: dials && visit(provider)))
    }

    private func hear(_ answer: PeerAnswer, _ ticket: UInt64) {
        open[ticket] = nil
        guard case .answered(PieceStatus.well.rawValue, let bytes) = answer else {
            return handle(.answered(.nothing, ticket: ticket))
        }
        guard let shown = try? ShardAnswer.decode(bytes, limit: PieceQuestion.byteLimit),
            let (end, signer) = core.end(of: shown, to: ticket)
        else { return handle(.answered(.unreadable, ticket: ticket)) }
        let isSigned = Verifier(chain: chain.chain).verify(Claim(end, by: signer)) != nil
        handle(.answered(.shown(shown, isSigned: isSigned), ticket: ticket))
    }
}
