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
    let chain: ChainID
    private let ledger: Ledger<Blake2b>
    private let executor: ChainExecutor<Blake2b>
    private let keys: [Keys]
    private let manners: [Manner]
    private let disks: [Int: Disk]
    private(set) var judges: [AuditJudge<Blake2b>]
    private var executed = AuditedTown.Executed()
    private(set) var height = Height.genesis
    private var random: SeededRandom
    private var travelling: [(at: Height, Verified<SignedWalkReceipt>)] = []
    private(set) var verdicts: [StorageVerdict] = []
    private var providers: [VerdictPlace: ResourceID] = [:]
    private(set) var outcomes: [VerdictOutcome] = []

    private final class Keys {
        let device: DeviceIdentity
        init(_ number: UInt8) {
            device = DeviceIdentity(seed: Seed(known: Blake2b().digest(DomainTag("test/seal"), [number]).raw))
        }
    }

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

    static func account(_ number: Int) -> AccountID {
        AccountID(Blake2b().digest(DomainTag("test"), [UInt8(number)]).raw)
    }

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
        keys = (0..<Self.owners).map { Keys(UInt8($0 + 1)) }
        let hash = Blake2b()
        let genesis = try Genesis(
            network: "sealed", symbol: "CRN", time: 1_700_000_000_000, parameters: Parameters(.testnet),
            profiles: Self.rules(),
            accounts: (0..<Self.owners).map {
                .init(account: Self.account($0), balance: Amount(units: 1_000 * Amount.one.units))
            },
            validators: [
                .init(
                    account: Self.account(100),
                    keys: ValidatorKeys(
                        node: NodeID(Self.account(101).raw), vote: PublicKey(Self.account(102).raw),
                        randomness: VRFPublicKey(Self.account(103).raw)),
                    bond: Amount(units: 1_000 * Amount.one.units))
            ],
            anchors: (0..<Self.owners).map { .init(controller: Self.account($0), sequence: 0) })
        chain = genesis.chain(using: hash)
        ledger = Ledger(chain: chain, hash: hash)
        executor = ChainExecutor(chain: chain, genesisTime: genesis.time, hash: hash)
        executed.state.commit(try ledger.begin(genesis))
        judges = (0..<2).map { [chain] _ in AuditJudge(chain: chain, hash: hash) }
        var disks: [Int: Disk] = [:]
        for owner in Self.sealers {
            disks[owner] = try Self.disk(of: owner, self.manners[owner], beside: disks[0], on: chain)
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

    func id(_ owner: Int) -> ResourceID {
        Resource.id(chain: chain, controller: Self.account(owner), sequence: 0, using: hash)
    }

    func verdicts(on owner: Int) -> [StorageVerdict] {
        verdicts.filter { providers[Verdict.storage($0).place] == id(owner) }
    }

    func reward(of owner: Int, in epoch: Epoch) throws -> Reward? {
        try executed.state.load(RecordKey<Reward>.reward(epoch, id(owner)))
    }

    mutating func play(until last: UInt64) throws { while height.number < last { try addBlock() } }

    private mutating func addBlock() throws {
        height = height.next
        var bytes = ByteWriter(capacity: Bytes32.count)
        for _ in 0..<4 { bytes.u64(random.next()) }
        let step = RandomnessStep(
            previous: Digest(Bytes32(bytes.bytes) ?? .zero), output: .zero,
            proof: RandomnessProof(point: .zero, challenge: (0, 0), scalar: .zero))
        let leader = Int(height.number % 2)
        var proposed = judges[leader].verdicts(at: height)
        // The other one looks at the same receipts; where it disagrees there is no block with them.
        if case .agreed = judges[1 - leader].check(proposed, at: height) {} else { proposed = [] }
        let context = BlockContext(
            height: height, epoch: Parameters(.testnet).epoch(of: height), proposer: Self.account(100),
            time: 1_700_000_000_000 + height.number * 1_000, parent: .zero, randomness: step.next(using: hash))
        let outcome = try ledger.apply(
            LedgerBlock(
                context: context, transactions: try transactions(), verdicts: proposed.map { .storage($0) }),
            to: executed.state)
        #expect(outcome.receipts.allSatisfy { $0.outcome == .applied }, "\(outcome.receipts)")
        outcomes += outcome.verdicts.map(\.outcome)
        executed.state.commit(outcome)
        executed.headers[height] = Header(
            chain: chain, epoch: context.epoch, view: View(height.number), height: height, parent: .zero,
            parentView: View(height.number - 1), payload: Payload.empty.reference(using: hash), time: context.time,
            leader: MemberIndex(0), nextCommittee: .zero, startState: .zero, randomness: step)
        let adopted = outcome.verdicts.filter { $0.outcome == .adopted }.compactMap { judgement -> StorageVerdict? in
            if case .storage(let verdict) = judgement.verdict { verdict } else { nil }
        }
        verdicts += adopted
        let rounds = try executor.audits(begunAt: height, randomness: context.randomness, on: executed)
        for audit in rounds.flatMap(\.audits) { providers[audit.place] = audit.provider.id }
        try tell(rounds, adopted)
    }

    private func transactions() throws -> [Verified<Transaction>] {
        switch height.number {
        case 1:
            return try (0..<Self.owners).map { owner in
                let offer = Offer(
                    profile: .storageSealed, device: keys[owner].device.key.publicKey,
                    randomness: keys[owner].device.vrf.publicKey, capacity: Self.units)
                let position = try #require(Position(latitude: 480_000_000 + 40_000 * Int32(owner), longitude: 0))
                let network = try #require(Network(.v4, prefix: 0x7f_0000 + UInt64(owner)))
                return try signed(
                    .register(
                        Registration(
                            offer: try #require(offer), site: Site(position: position, height: 1, network: network),
                            backer: Self.account(owner), deviceProof: Signature(r: .zero, s: .zero))), by: owner)
            }
        case 2:
            return try Self.sealers.map { owner in
                let roots = try #require(disks[owner]?.prover.roots)
                return try signed(
                    .seal(
                        SealedClaim(
                            resource: id(owner), partition: 0, node: NodeID(Self.account(owner).raw),
                            packed: roots.packed, manifest: roots.manifest)), by: owner)
            }
        default: return []
        }
    }

    private func signed(_ action: Action, by owner: Int) throws -> Verified<Transaction> {
        let sender = Self.account(owner)
        let nonce = try executed.state.load(RecordKey<Account>.account(sender))?.nonce ?? 0
        let body = Transaction.Body(
            chain: chain, sender: sender, nonce: nonce, fee: Amount(units: 1_000), expiry: height.advanced(by: 10),
            action: action)
        let transaction = Transaction(body, signature: Signature(r: .zero, s: .zero))
        return Verified(vouchedFor: transaction, signer: transaction.key)
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
        let (proof, nonce) = keys[asker].device.vrf.prove(audit.nonceInput(using: hash))
        let question = SealedQuestion(
            challenge: audit.challenge, provider: Digest(audit.provider.id.raw), partition: audit.partition,
            witness: Digest(witness.id.raw), nonce: nonce.raw
        ).walk(on: chain)
        var (result, last, answer) = (WalkResult.lateOrSilent, Digest.zero, Signature(r: .zero, s: .zero))
        let allowed = rules.allowed(witness.position.metres(to: audit.provider.position))
        if let time = time(of: manners[asked]), time <= allowed {
            let disk = try #require(disks[asked])
            last = try #require(disk.prover.end(of: question, steps: rules.steps, over: disk))
            answer = keys[asked].device.key.sign(
                question.signedBody(last: last), tag: WalkQuestion.answerTag, chain: chain)
            result = try judge(asked, partition, rules, question, last)
        }
        let receipt = WalkReceipt(
            challenge: audit.challenge, provider: audit.provider.place, partition: audit.partition,
            witness: witness.place, result: result, elapsedMilliseconds: 20, proof: proof, last: last, answer: answer)
        let signed = SignedWalkReceipt(
            receipt,
            signature: keys[asker].device.key.sign(receipt.encoded, tag: SignedWalkReceipt.tag, chain: chain))
        return try #require(Verifier(chain: chain).verify(Claim(signed, by: witness.device)))
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
