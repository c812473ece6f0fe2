import CairnBase
import CairnConsensus
import CairnLedger
import CairnNode
import CairnRadio
import CairnWire
import CairnWitness

/// What must be true of coverage in a network of whole nodes.
///
/// N7: no gateway commits twice to one challenge, over all its lives, and each knows after a start all it has
/// committed to. N8: every verdict in a block follows from receipts that gateways opened as they had committed, of
/// frames that their radios received so. N9: once faults have ceased, verdicts by which somebody earns are adopted,
/// and somebody honest is paid. N15: a gateway that sends nothing, or is not where it should be, earns nothing by its
/// beacons, and one that is elsewhere or reports what cannot be, nothing as a witness.
struct NodeAirJudge: Sendable {
    private struct Binding: Sendable, Hashable, Comparable {
        let process: ProcessID
        let challenge: Digest

        static func < (left: Binding, right: Binding) -> Bool {
            (left.process, left.challenge) < (right.process, right.challenge)
        }
    }

    private let world: NodeWorld
    private let town: NodeTown
    private var commits = OrderedMap<Binding, Digest>()
    /// What gateways opened, by challenge; after a restart in another batch, and under another signature.
    private var reveals = OrderedMap<Digest, [Reveal]>()
    // ORDER: asked for members only.
    private var received: [ProcessID: Set<Reception>] = [:]
    private var views = OrderedMap<Epoch, CoverageView>()
    private var randomness: ChainRandomness
    /// Since faults have ceased.
    private var isHealed = false
    private var hasVerdict = false
    private var isPaid = false

    init?(_ world: NodeWorld) {
        guard let town = world.town else { return nil }
        self.world = world
        self.town = town
        randomness = ChainRandomness(origin: Randomness.origin(of: world.chain, using: MixHash()))
    }

    mutating func received(_ reception: Reception, by process: ProcessID) {
        received[process, default: []].insert(reception)
    }

    // MARK: - N7

    mutating func said(_ message: CoverageMessage, by process: ProcessID) -> Violation? {
        switch message {
        case .commit(let commit):
            let binding = Binding(process: process, challenge: commit.challenge)
            if let first = commits[binding], first != commit.commitment {
                return Violation("N7 two commits", "\(process) to challenge \(commit.challenge)")
            }
            commits[binding] = commit.commitment
        case .beacon: break
        case .reveal(let reveal): reveals[reveal.receipt.challenge, default: []].append(reveal)
        case .batch(let batch):
            for endorsed in batch.reveals(using: MixHash()) ?? [] {
                reveals[endorsed.reveal.receipt.challenge, default: []].append(endorsed.reveal)
            }
        }
        return nil
    }

    func restored(_ promises: [CairnWitness.Promise], by process: ProcessID) -> Violation? {
        var known = OrderedMap<Digest, Digest>()
        for promise in promises {
            known[promise.opening.receipt.challenge] = promise.opening.commitment(on: world.chain, using: MixHash())
        }
        for (binding, commitment) in commits
        where binding.process == process && known[binding.challenge] != commitment {
            return Violation("N7 forgotten", "\(process) does not know its commit to challenge \(binding.challenge)")
        }
        return nil
    }

    // MARK: - N8

    /// A block was executed; its verdicts come before what it changes.
    mutating func executed(_ header: Header, _ adopted: [Verdict], on chain: NodeChain) -> Violation? {
        for case .coverage(let verdict) in adopted {
            if let fault = fault(in: verdict) {
                return Violation(
                    "N8 verdict", "block \(header.height) on \(verdict.height)/\(verdict.target): \(fault)")
            }
            if let gain = gainOfLiar(by: verdict) {
                return Violation("N15 liar", "block \(header.height) on \(verdict.height)/\(verdict.target): \(gain)")
            }
            if isHealed, verdict.units > 0 { hasVerdict = true }
        }
        randomness.set(header.randomness.next(using: MixHash()), at: header.height)
        if (try? chain.executor.isLast(header.height, on: chain)) == true {
            views[header.epoch.next] = chain.view(of: header.epoch.next)
            if isHealed, hasVerdict,
                town.owners.indices.contains(where: {
                    town.liar?.node != $0 && chain.paid(header.epoch, town.resource($0, on: chain.executor.chain))
                })
            {
                isPaid = true
            }
        }
        return nil
    }

    /// What a lying gateway must not get; for the rest it is as good as others.
    private func gainOfLiar(by verdict: CoverageVerdict) -> String? {
        guard let (number, lie) = town.liar,
            let view = views.first(where: { $0.value.rules.epoch(of: verdict.height) == $0.key })?.value
        else { return nil }
        let device = town.devices[number].publicKey
        if lie != .rewriting, view.member(verdict.target)?.device == device, verdict.units > 0 {
            return "a beacon of one that is \(lie) is worth \(verdict.units)"
        }
        if lie != .mute,
            let seat = verdict.seats.first(where: { view.member($0.witness)?.device == device && $0.units > 0 })
        {
            return "what one says that is \(lie) is worth \(seat.units)"
        }
        return nil
    }

    private func fault(in verdict: CoverageVerdict) -> String? {
        let view = views.first { $0.value.rules.epoch(of: verdict.height) == $0.key }?.value
        guard let view, let value = randomness.forChallenge(at: verdict.height),
            let seats = randomness[Timeline(verdict.height).selection], let target = view.member(verdict.target),
            let challenged = Challenged.all(
                at: verdict.height, in: view, randomness: value, chain: world.chain, using: MixHash()
            ).first(where: { $0.target == verdict.target })
        else { return "nobody was challenged" }
        var open = ChallengeCase(
            id: challenged.id, height: challenged.height, target: challenged.target, beacon: nil)
        if !verdict.reasons.contains(.noBeacon) {
            let input = Beacon.input(challenge: challenged.id, randomness: value, using: MixHash())
            open.beacon = Beacon(
                output: world.scheme.proveBeacon(input, as: target.randomness).output, profile: view.rules.profile,
                height: challenged.height, region: target.region, using: MixHash())
        }
        guard let found = receipts(under: verdict.receipts, of: open, in: view) else {
            return "its receipts were not opened"
        }
        for (witness, reveal) in found.reveals {
            if let fault = fault(in: reveal, by: witness, of: found, in: view) { return "witness \(witness) \(fault)" }
        }
        let judgement = Judgement(found, in: view, randomness: seats, using: MixHash())
        return judgement?.verdict == verdict ? nil : "its receipts say something else"
    }

    /// The case with those of the opened receipts that are under this root: some of at most a few.
    private func receipts(under root: Digest, of open: ChallengeCase, in view: CoverageView) -> ChallengeCase? {
        var choices: [ChallengeCase] = [open]
        for reveal in reveals[open.id] ?? [] {
            guard let witness = view.index(of: reveal.receipt.witness) else { continue }
            for choice in choices where choice.reveals[witness] != reveal && choices.count < 100_000 {
                var more = choice
                more.reveals[witness] = reveal
                choices.append(more)
            }
        }
        return choices.first { $0.receiptsRoot(using: MixHash()) == root }
    }

    private func fault(
        in reveal: Reveal, by witness: UInt32, of open: ChallengeCase, in view: CoverageView
    ) -> String? {
        let receipt = reveal.receipt
        guard let number = town.devices.firstIndex(where: { $0.publicKey == receipt.witness }) else {
            return "is nobody's gateway"
        }
        let process = ProcessID(number)
        guard
            commits[Binding(process: process, challenge: open.id)]
                == reveal.opening.commitment(on: world.chain, using: MixHash())
        else { return "had not committed to it" }
        let objections = open.objections(to: receipt, by: witness, in: view, using: MixHash())
        guard objections.isEmpty else { return "says what cannot be: \(objections.list)" }
        let isTrue = (received[process] ?? []).contains { reception in
            RadioReceipt(
                challenge: open.id, witness: receipt.witness,
                payload: PayloadHash(of: reception.payload, using: MixHash()),
                reception: reception, eui: town.stations[number].eui) == receipt
        }
        return isTrue ? nil : "did not hear it so"
    }

    // MARK: - N9

    mutating func healed() { isHealed = true }

    var hasConverged: Bool { hasVerdict && isPaid }

    var lacking: String { hasVerdict ? "nobody is paid for coverage" : "no verdict by which somebody earns" }
}
