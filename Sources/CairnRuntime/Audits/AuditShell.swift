import CairnBase
import CairnCrypto
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
    /// Questions to one provider, in the order of their turn; the first few are on their way.
    private var queues: [NodeID: Queue] = [:]  // ORDER: looked up by provider only
    /// By what was seen.
    private(set) var seen: [WalkResult: UInt64] = [:]  // ORDER: looked up by result only
    private(set) var dropped: UInt64 = 0
    private var checker: Worker<Check, Checked>?
    private var checks = Tickets<WalkResult?>()
    /// Of providers that could not be asked, which says nothing of them.
    private(set) var unasked: UInt64 = 0

    private struct Check: Sendable {
        let shown: WalkCheck
        let ticket: UInt64
    }

    private struct Checked: Sendable {
        let result: WalkResult
        let ticket: UInt64
    }

    private struct Queue {
        var open: [AuditTalk] = []
        var waiting: [AuditTalk] = []
    }

    /// As many as may be under way with one peer at a time.
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
            let device = devices.first(where: { $0.device == witness.device })
        else { return }
        let talk = AuditTalk(network, on: chain.chain, audit, as: witness, device, within: deadline) {
            [weak self] talk, outcome in self?.conclude(talk, outcome)
        }
        talk.onUnreached = { [weak self] provider in
            guard let self, let endpoint = whereabouts?(provider) else { return false }
            return network.visit(PeerAddress(provider, at: endpoint))
        }
        talk.check = { [weak self] shown, done in
            guard let self else { return done(nil) }
            look(at: shown, done)
        }
        guard queues[talk.provider, default: Queue()].waiting.count < Self.waitingMax else { return dropped += 1 }
        queues[talk.provider, default: Queue()].waiting.append(talk)
        next(talk.provider)
    }

    private func next(_ provider: NodeID) {
        while let queue = queues[provider], queue.open.count < Self.openMax, let talk = queue.waiting.first {
            queues[provider]?.waiting.removeFirst()
            queues[provider]?.open.append(talk)
            talk.start()
        }
        guard queues[provider]?.open.isEmpty == true else { return }
        queues[provider] = nil
        network.leave(provider)
    }

    private func conclude(_ talk: AuditTalk, _ outcome: AuditTalk.Outcome?) {
        queues[talk.provider]?.open.removeAll { $0 === talk }
        // Not in this call: a talk that ends at once would start the next inside itself.
        network.loop.after(.zero) { [weak self] in self?.next(talk.provider) }
        guard let outcome else { return unasked += 1 }
        tell(outcome, of: talk)
    }

    private func tell(_ outcome: AuditTalk.Outcome, of talk: AuditTalk) {
        seen[outcome.result, default: 0] += 1
        if outcome.result != .good {
            log.info(
                talk.audit.shard == nil ? "a provider did not show its partition" : "a holder did not show its shard",
                ["resource": .id(talk.audit.provider.id), "result": .text("\(outcome.result)")])
        }
        let receipt = WalkReceipt(
            challenge: talk.audit.challenge, provider: talk.audit.provider.place, partition: talk.audit.partition,
            witness: talk.witness.place, result: outcome.result,
            elapsedMilliseconds: UInt32(clamping: outcome.elapsed.milliseconds), proof: talk.proof,
            last: outcome.last, answer: outcome.answer)
        let signature = talk.device.identity.key.sign(
            receipt.encoded, tag: SignedWalkReceipt.tag, chain: chain.chain)
        chain.publish(SignedWalkReceipt(receipt, signature: signature))
    }

    var document: JSON {
        .object(
            WalkResult.allCases.compactMap { result in seen[result].map { JSON.Member("\(result)", JSON($0)) } }
                + [JSON.Member("dropped", JSON(dropped)), JSON.Member("unasked", JSON(unasked))])
    }
}
