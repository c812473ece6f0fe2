import CairnBase
import CairnConsensus
import CairnLedger
import CairnNode
import CairnWire
import CairnWitness

/// The chain of a simulated town: the ledger over a state in memory, one block after the other.
struct TownChain: ExecutedChain {
    private static let founder = 0
    private static let ownersFrom = 1

    let scheme: KeyedHashScheme
    let parameters: Parameters
    private let ledger: Ledger<MixHash>
    private let executor: ChainExecutor<MixHash>
    private let accounts: [KeyedHashScheme.SigningKey]
    // ORDER: asked by key.
    private var nonces: [Int: UInt64] = [:]
    private(set) var state = MemoryState()
    private(set) var height = Height.genesis
    let id: ChainID

    /// - Parameter anchors: the accounts whose first resource is trusted from the start.
    init(accounts count: Int, anchors: [Int], plan: TownPlan, scheme: KeyedHashScheme) throws {
        self.scheme = scheme
        parameters = plan.parameters
        let keys = (0..<count + Self.ownersFrom).map { scheme.signingKey($0) }
        accounts = keys
        let founder = AccountID(keys[Self.founder].publicKey)
        let genesis = try Genesis(
            network: "town", symbol: "CRN", time: 0, parameters: parameters, profiles: plan.profiles,
            accounts: keys.dropFirst().map {
                .init(account: AccountID($0.publicKey), balance: Amount(units: 10 * Amount.one.units))
            },
            validators: [
                .init(
                    account: founder,
                    keys: ValidatorKeys(
                        node: NodeID(scheme.signingKey(-1).publicKey), vote: scheme.signingKey(-2).publicKey,
                        randomness: VRFPublicKey(scheme.signingKey(-3).publicKey.raw)),
                    bond: max(Amount(units: 1_000 * Amount.one.units), parameters.amount(.candidateBondMin)))
            ],
            anchors: anchors.map { .init(controller: AccountID(keys[$0 + Self.ownersFrom].publicKey), sequence: 0) })
        id = genesis.chain(using: MixHash())
        ledger = Ledger(chain: id, hash: MixHash())
        executor = ChainExecutor(chain: id, genesisTime: 0, hash: MixHash())
        state.commit(try ledger.begin(genesis))
    }

    func header(at height: Height) -> Header? { nil }
    func root(at height: Height) -> Digest? { nil }

    func account(_ owner: Int) -> AccountID { AccountID(accounts[owner + Self.ownersFrom].publicKey) }

    /// The first resource of an owner; owners in towns have no second.
    func resource(of owner: Int) -> ResourceID {
        Resource.id(chain: id, controller: account(owner), sequence: 0, using: MixHash())
    }

    func view(of epoch: Epoch) throws(StateError) -> CoverageView? { try executor.coverage(of: epoch, on: self) }

    /// All that a resource was paid, and what is held for it.
    func income(of owner: Int, in epochs: ClosedRange<UInt64>) throws(StateError) -> UInt64 {
        var sum: UInt64 = 0
        for epoch in epochs {
            if let reward = try state.load(RecordKey<Reward>.reward(Epoch(epoch), resource(of: owner))) {
                sum += reward.total.units
            }
        }
        return sum
    }

    /// What the ledger made of the block's verdicts. Orders that fail stop the simulation.
    mutating func add(
        randomness: Digest, orders: [(owner: Int, action: Action)], verdicts: [CoverageVerdict]
    ) throws -> [VerdictOutcome] {
        height = height.next
        let context = BlockContext(
            height: height, epoch: parameters.epoch(of: height), proposer: AccountID(accounts[Self.founder].publicKey),
            time: 1_000 * height.number, parent: .zero, randomness: randomness)
        let transactions = try orders.map { try transaction($0.action, by: $0.owner) }
        let outcome = try ledger.apply(
            LedgerBlock(context: context, transactions: transactions, verdicts: verdicts.map { .coverage($0) }),
            to: state)
        guard outcome.receipts.allSatisfy({ $0.outcome == .applied }) else { throw TownError.orderFailed }
        state.commit(outcome)
        return outcome.verdicts.map(\.outcome)
    }

    private mutating func transaction(_ action: Action, by owner: Int) throws -> Verified<Transaction> {
        let key = accounts[owner + Self.ownersFrom]
        let nonce = nonces[owner] ?? 0
        nonces[owner] = nonce + 1
        let body = Transaction.Body(
            chain: id, sender: AccountID(key.publicKey), nonce: nonce, fee: parameters.amount(.feeMin),
            expiry: Height(.max),
            action: action)
        let transaction = Transaction(body, signature: key.sign(body.signedBytes(chain: id)))
        guard let verified = scheme.verify(transaction, by: key.publicKey, on: id) else { throw TownError.unsigned }
        return verified
    }
}

enum TownError: Error {
    case orderFailed, unsigned, crowded, verdictRefused, offMap
}
