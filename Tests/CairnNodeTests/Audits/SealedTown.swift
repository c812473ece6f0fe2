import CairnBase
import CairnConsensus
import CairnCrypto
import CairnLedger
import CairnNode
import CairnStorage
import CairnWire
import CairnWitness
import Testing

/// Eleven owners that witness one another, three of whom seal, two validators, and the real ledger below. Partitions are two
/// units of one pass and walks are short, so that tests are quick; how long a cheat would take is reckoned with the terms of a test network.
struct SealedTown {
    enum Manner: Sendable {
        case honest
        case empty
        /// Keeps every fourth label of the last two passes, and makes what a walk asks for four times as fast as the
        /// reference processor: each leaf costs it 95.8 % of a mask.
        case skippingLabels
        /// Fetches every leaf from a peer so far away.
        case fetching(TimeSpan)
        /// Shows the partition of the first owner, of which it claims the roots.
        case showingTheFirst
        /// Claims raw zeros in one of two places.
        case unsealedHalf
        /// Does not answer full checks.
        case refusing
    }

    static let owners = 11
    /// Those who claim that they have a partition.
    static let sealers = [0, 4, 8]
    static let units: UInt32 = 2
    /// Of a test network's terms.
    private static let walkSteps = 64
    let hash = Blake2b()
    private var blocks: AuditedChain
    private let keys: [AuditedChain.Device]
    private let manners: [Manner]
    private let disks: [Int: Disk]
    private(set) var judges: [AuditJudge<Blake2b>]
    private(set) var height = Height.genesis
    private var random: SeededRandom
    private var travelling: [(at: Height, Verified<SignedWalkReceipt>)] = []
    private var providers: [VerdictPlace: ResourceID] = [:]

    private var chain: ChainID { blocks.id }
    var outcomes: [VerdictOutcome] { blocks.outcomes }

    /// A partition in memory.
    private struct Disk: SealedBytes {
        let units: [[UInt8]]
        let prover: SealedProver<Blake2b>

        func leaf(_ place: UInt64) throws(Never) -> [UInt8] {
            let first = Int(place) % StorageUnits.leavesPerUnit * StorageUnits.leafBytes
            return Array(units[Int(place) / StorageUnits.leavesPerUnit][first..<(first + StorageUnits.leafBytes)])
        }

        func unit(_ number: Int) throws(Never) -> [UInt8] { units[number] }
    }

    static func account(_ number: Int) -> AccountID { AuditedChain.account(number) }

    private static func rules() -> [ProfileRules] {
        ProfileRules.templates(.testnet).map { rules in
            guard rules.profile == .storageSealed else { return rules }
            let changed = ["passes": 1, "steps": 8, "unitsPerPartition": UInt64(units)]
            return ProfileRules(
                profile: rules.profile, schema: rules.schema, challenge: rules.challenge,
                challengesPerThousandEpochs: rules.challengesPerThousandEpochs, verifier: rules.verifier,
                thresholds: rules.thresholds.map { .init($0.name, changed[$0.name] ?? $0.value) },
                meter: rules.meter, bonding: rules.bonding, bondMin: rules.bondMin, crowding: rules.crowding,
                subsidy: rules.subsidy, sharePPM: rules.sharePPM, witnessPPM: rules.witnessPPM)
        }
    }

    /// - Parameter manners: of some owners, by number; the others are honest.
    init(seed: UInt64, _ manners: [Int: Manner] = [:]) throws {
        random = SeededRandom(seed: seed)
        self.manners = (0..<Self.owners).map { manners[$0] ?? .honest }
        keys = (0..<Self.owners).map {
            AuditedChain.Device(Blake2b().digest(DomainTag("test/seal"), [UInt8($0 + 1)]).raw)
        }
        blocks = try AuditedChain("sealed", owners: Self.owners, profiles: Self.rules())
        judges = (0..<2).map { [blocks] _ in AuditJudge(chain: blocks.id, hash: Blake2b()) }
        var disks: [Int: Disk] = [:]
        for owner in Self.sealers {
            disks[owner] = try Self.disk(of: owner, self.manners[owner], beside: disks[0], on: blocks.id)
        }
        self.disks = disks
    }

    private static func disk(of owner: Int, _ manner: Manner, beside first: Disk?, on chain: ChainID) throws -> Disk {
        if case .showingTheFirst = manner, let first { return first }
        let hash = Blake2b()
        let pad = try #require(Pad(passes: 1))
        let provider = Digest(
            Resource.id(chain: chain, controller: account(owner), sequence: 0, using: hash).raw)
        let sealing = Sealing(chain: chain, provider: provider, pad: pad, using: hash)
        var (units, roots): ([[UInt8]], [Digest]) = ([], [])
        for place in 0..<Self.units {
            var unit = try #require(PackedPartition.filler(place, of: 0, sealing: sealing))
            if case .unsealedHalf = manner, place == 1 {
                let zeros = [UInt8](repeating: 0, count: StorageUnits.unitBytes)
                unit = (zeros, try #require(StorageUnits.tree(zeros, using: hash)).root)
            }
            units.append(unit.bytes)
            roots.append(unit.root)
        }
        let filler = PlacedUnit.fillerRoot(chain: chain, provider: provider, partition: 0, using: hash)
        let packed = try #require(PackedPartition(number: 0, fillerRoot: filler, fillerUnitRoots: roots))
        return Disk(units: units, prover: SealedProver(packed, using: hash))
    }

    func id(_ owner: Int) -> ResourceID { blocks.resource(of: owner) }

    func verdicts(on owner: Int) -> [StorageVerdict] {
        blocks.verdicts.filter { providers[Verdict.storage($0).place] == id(owner) }
    }

    func reward(of owner: Int, in epoch: Epoch) throws -> Reward? { try blocks.reward(of: owner, in: epoch) }

    mutating func play(until last: UInt64) throws { while height.number < last { try addBlock() } }

    private mutating func addBlock() throws {
        height = height.next
        let leader = Int(height.number % 2)
        var proposed = judges[leader].verdicts(at: height)
        // The other one looks at the same receipts; where it disagrees there is no block with them.
        if case .agreed = judges[1 - leader].check(proposed, at: height) {} else { proposed = [] }
        let (rounds, adopted) = try blocks.addBlock(transactions(), proposed, drawing: &random)
        for audit in rounds.flatMap(\.audits) { providers[audit.place] = audit.provider.id }
        try tell(rounds, adopted)
    }

    private func transactions() throws -> [Verified<Transaction>] {
        switch height.number {
        case 1:
            return try (0..<Self.owners).map {
                // Room that nothing was claimed in costs nobody anything, however much it is said to be.
                let capacity = Self.sealers.contains($0) ? Self.units : .max
                return try blocks.registration(keys[$0], of: $0, .storageSealed, capacity: capacity)
            }
        case 2:
            return try Self.sealers.map { owner in
                let roots = try #require(disks[owner]?.prover.roots)
                return try blocks.signed(
                    .seal(
                        SealedClaim(
                            resource: id(owner), partition: 0, node: NodeID(Self.account(owner).raw),
                            packed: roots.packed, manifest: roots.manifest)), by: Self.account(owner))
            }
        default: return []
        }
    }

    private mutating func tell(_ rounds: [AuditRound], _ adopted: [StorageVerdict]) throws {
        var asks: [AuditEffect] = []
        for index in judges.indices {
            var effects: [AuditEffect] = []
            judges[index].handle(.block(height, rounds: rounds, adopted: adopted), at: .origin, into: &effects)
            for item in travelling where item.at <= height {
                judges[index].handle(.receipt(item.1), at: .origin, into: &effects)
            }
            if index == 0 { asks = effects }
        }
        travelling.removeAll { $0.at <= height }
        for case .ask(let audit, let witness, _) in asks {
            travelling.append((height.advanced(by: 1 + random.below(2)), try ask(audit, witness)))
        }
    }

    // MARK: - Witnesses and providers

    private func ask(_ audit: StorageAudit, _ witness: AuditParty) throws -> Verified<SignedWalkReceipt> {
        let asker = try #require((0..<Self.owners).first { id($0) == witness.id })
        let asked = try #require((0..<Self.owners).first { id($0) == audit.provider.id })
        guard case .sealed(let partition, let rules) = audit.subject else {
            throw StateError.unreadable(code: 0, detail: "no partition")
        }
        #expect(asker != asked && audit.node == NodeID(Self.account(asked).raw) && partition.units == Self.units)
        let (proof, nonce) = keys[asker].identity.vrf.prove(audit.nonceInput(using: hash))
        let question = RoundQuestion(
            challenge: audit.challenge, provider: Digest(audit.provider.id.raw), partition: audit.partition,
            witness: Digest(witness.id.raw), nonce: nonce.raw
        ).walk(on: chain)
        var (result, last, answer) = (WalkResult.lateOrSilent, Digest.zero, Signature(r: .zero, s: .zero))
        let allowed = rules.allowed(witness.position.metres(to: audit.provider.position))
        if let time = time(of: manners[asked]), time <= allowed {
            let disk = try #require(disks[asked])
            last = try #require(disk.prover.end(of: question, steps: rules.steps, over: disk))
            answer = keys[asked].identity.key.sign(
                question.signedBody(last: last), tag: WalkQuestion.answerTag, chain: chain)
            result = try judge(asked, partition, rules, question, last)
        }
        return try blocks.receipt(
            of: audit, by: witness, keys[asker], proof, result, last: last, answer: answer)
    }

    private func judge(
        _ asked: Int, _ partition: StorageAudit.Partition, _ rules: WalkRules, _ question: WalkQuestion, _ last: Digest
    ) throws -> WalkResult {
        let disk = try #require(disks[asked])
        let roots = try #require(
            PartitionRoots(units: partition.units, packed: partition.packed, manifest: partition.manifest))
        let leaves = try #require(disk.prover.answer(question, steps: rules.steps, over: disk)).encoded
        let walked = try WalkAnswer.decode(leaves, steps: rules.steps, height: roots.height)
        let fault = walked.fault(
            answering: question, steps: rules.steps, partition: roots, last: last, using: hash)
        guard fault == nil else { return .badLeaf }
        if case .refusing = manners[asked] { return .fullCheckUnanswered }
        let check = try #require(disk.prover.check(question, steps: rules.steps, over: disk)).encoded
        let pad = try #require(Pad(passes: rules.passes))
        let sealing = Sealing(chain: chain, provider: question.provider, pad: pad, using: hash)
        let shown = try FullCheck.decode(check, height: roots.height)
        let wrong = shown.fault(
            at: last.raw.low64 % roots.leaves, in: roots, number: 0, shardUnits: 0, sealing: sealing)
        return wrong == nil ? .good : .fullCheckWrong
    }

    /// How long a walk takes; nil for no answer.
    private func time(of manner: Manner) -> TimeSpan? {
        let mask = TimeSpan.milliseconds(230)
        return switch manner {
        case .honest, .showingTheFirst, .unsealedHalf, .refusing: .milliseconds(20)
        case .empty: nil
        case .skippingLabels: .microseconds(UInt64(Self.walkSteps) * mask.milliseconds * 958 / 4)
        case .fetching(let span): .milliseconds(UInt64(Self.walkSteps) * span.milliseconds)
        }
    }
}
