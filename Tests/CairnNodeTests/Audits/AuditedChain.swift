import CairnBase
import CairnConsensus
import CairnCrypto
import CairnLedger
import CairnNode
import CairnWire
import CairnWitness
import Testing

/// The real ledger below a town of tests, founded by one validator. Who plays it says what stands in a block.
struct AuditedChain {
    let hash = Blake2b()
    let id: ChainID
    private let ledger: Ledger<Blake2b>
    private let executor: ChainExecutor<Blake2b>
    private var executed = Executed()
    private(set) var height = Height.genesis
    private(set) var outcomes: [VerdictOutcome] = []
    private(set) var verdicts: [StorageVerdict] = []

    /// The keys of an owner's device.
    final class Device {
        let identity: DeviceIdentity
        init(_ seed: Bytes32) { identity = DeviceIdentity(seed: Seed(known: seed)) }
    }

    private struct Executed: ExecutedChain {
        var state = MemoryState()
        var headers: [Height: Header] = [:]
        func header(at height: Height) -> Header? { headers[height] }
        func root(at height: Height) -> Digest? { nil }
    }

    /// - Parameters:
    ///   - owners: of devices, whose first resource is trusted.
    ///   - others: with accounts of their own.
    init(_ network: String, owners: Int, others: [Int] = [], profiles: [ProfileRules]) throws {
        let thousand = Amount(units: 1_000 * Amount.one.units)
        let genesis = try Genesis(
            network: network, symbol: "CRN", time: Self.start, parameters: Parameters(.testnet), profiles: profiles,
            accounts: (Array(0..<owners) + others).map { .init(account: Self.account($0), balance: thousand) },
            validators: [
                .init(
                    account: Self.account(100),
                    keys: ValidatorKeys(
                        node: NodeID(Self.raw(101)), vote: PublicKey(Self.raw(102)),
                        randomness: VRFPublicKey(Self.raw(103))),
                    bond: thousand)
            ],
            anchors: (0..<owners).map { .init(controller: Self.account($0), sequence: 0) })
        id = genesis.chain(using: hash)
        ledger = Ledger(chain: id, hash: hash)
        executor = ChainExecutor(chain: id, genesisTime: genesis.time, hash: hash)
        executed.state.commit(try ledger.begin(genesis))
    }

    private static let start: UInt64 = 1_700_000_000_000

    static func raw(_ number: Int) -> Bytes32 { Blake2b().digest(DomainTag("test"), [UInt8(number)]).raw }
    static func account(_ number: Int) -> AccountID { AccountID(raw(number)) }

    /// The first resource of an owner.
    func resource(of owner: Int) -> ResourceID {
        Resource.id(chain: id, controller: Self.account(owner), sequence: 0, using: hash)
    }

    func load<Value: Record>(_ key: RecordKey<Value>) throws -> Value? { try executed.state.load(key) }

    func reward(of owner: Int, in epoch: Epoch) throws -> Reward? { try load(.reward(epoch, resource(of: owner))) }

    /// Adds a block under randomness that is drawn; says which rounds begin with it and which verdicts it adopted.
    mutating func addBlock(
        _ transactions: [Verified<Transaction>], _ proposed: [StorageVerdict], drawing random: inout SeededRandom
    ) throws -> (begun: [AuditRound], adopted: [StorageVerdict]) {
        height = height.next
        var bytes = ByteWriter(capacity: Bytes32.count)
        for _ in 0..<4 { bytes.u64(random.next()) }
        let step = RandomnessStep(
            previous: Digest(Bytes32(bytes.bytes) ?? .zero), output: .zero,
            proof: RandomnessProof(point: .zero, challenge: (0, 0), scalar: .zero))
        let context = BlockContext(
            height: height, epoch: Parameters(.testnet).epoch(of: height), proposer: Self.account(100),
            time: Self.start + height.number * 1_000, parent: .zero, randomness: step.next(using: hash))
        let outcome = try ledger.apply(
            LedgerBlock(context: context, transactions: transactions, verdicts: proposed.map { .storage($0) }),
            to: executed.state)
        #expect(outcome.receipts.allSatisfy { $0.outcome == .applied }, "\(outcome.receipts)")
        outcomes += outcome.verdicts.map(\.outcome)
        executed.state.commit(outcome)
        executed.headers[height] = Header(
            chain: id, epoch: context.epoch, view: View(height.number), height: height, parent: .zero,
            parentView: View(height.number - 1), payload: Payload.empty.reference(using: hash), time: context.time,
            leader: MemberIndex(0), nextCommittee: .zero, startState: .zero, randomness: step)
        let adopted = outcome.verdicts.filter { $0.outcome == .adopted }.compactMap { judgement -> StorageVerdict? in
            if case .storage(let verdict) = judgement.verdict { verdict } else { nil }
        }
        verdicts += adopted
        return (try executor.audits(begunAt: height, randomness: context.randomness, on: executed), adopted)
    }

    func signed(_ action: Action, by sender: AccountID) throws -> Verified<Transaction> {
        let nonce = try load(RecordKey<Account>.account(sender))?.nonce ?? 0
        let body = Transaction.Body(
            chain: id, sender: sender, nonce: nonce, fee: Amount(units: 1_000), expiry: height.advanced(by: 10),
            action: action)
        let transaction = Transaction(body, signature: Signature(r: .zero, s: .zero))
        return Verified(vouchedFor: transaction, signer: transaction.key)
    }

    /// Of an owner's first resource, some 450 m from the next one's.
    func registration(
        _ device: Device, of owner: Int, _ profile: Profile, capacity: UInt32
    ) throws -> Verified<Transaction> {
        let offer = Offer(
            profile: profile, device: device.identity.key.publicKey, randomness: device.identity.vrf.publicKey,
            capacity: capacity)
        let position = try #require(Position(latitude: 480_000_000 + 40_000 * Int32(owner), longitude: 0))
        let network = try #require(Network(.v4, prefix: 0x7f_0000 + UInt64(owner)))
        let registration = Registration(
            offer: try #require(offer), site: Site(position: position, height: 1, network: network),
            backer: Self.account(owner), deviceProof: Signature(r: .zero, s: .zero))
        return try signed(.register(registration), by: Self.account(owner))
    }

    /// What a witness says, as everybody takes it who hears of it.
    func receipt(
        of audit: StorageAudit, by witness: AuditParty, _ device: Device, _ proof: VRFProof,
        _ result: WalkResult, last: Digest, answer: Signature
    ) throws -> Verified<SignedWalkReceipt> {
        let receipt = WalkReceipt(
            challenge: audit.challenge, provider: audit.provider.place, partition: audit.partition,
            witness: witness.place, result: result, elapsedMilliseconds: 20, proof: proof, last: last, answer: answer)
        let signed = SignedWalkReceipt(
            receipt, signature: device.identity.key.sign(receipt.encoded, tag: SignedWalkReceipt.tag, chain: id))
        return try #require(Verifier(chain: id).verify(Claim(signed, by: witness.device)))
    }
}
