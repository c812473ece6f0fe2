import CairnBase
import CairnCrypto
import CairnLedger
import CairnStore
import CairnWire
import Glibc

/// A directory of its own for one test, removed with everything in it.
final class TestDirectory: Sendable {
    let path: String

    init() throws {
        // In memory where there is such a place: what is tested is the order of syncs, not the disk's patience.
        let parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
        var template = Array((parent + "/cairn-store-XXXXXX").utf8CString)
        guard unsafe mkdtemp(&template) != nil else {
            throw StoreError.file(operation: "mkdtemp", path: parent, errno: errno)
        }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        Self.remove(path)
    }

    /// A file or link, or a directory with what is in it.
    private static func remove(_ path: String) {
        guard unlink(path) != 0, let stream = unsafe opendir(path) else { return }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            names.append(
                unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                    unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
                })
        }
        unsafe closedir(stream)
        for name in names where name != "." && name != ".." { remove(path + "/" + name) }
        rmdir(path)
    }
}

/// A chain of random transfers with what every block must leave behind, worked out in memory.
struct SampleChain {
    struct Step {
        let block: StoredBlock
        let outcome: BlockOutcome
        /// The state after it.
        let state: MemoryState

        var head: ChainHead { ChainHead(height: block.height, digest: block.digest, root: outcome.root) }
    }

    let genesis: Genesis
    let ledger: Ledger<Blake2b>
    let beginning: BlockOutcome
    /// The state after `beginning`.
    let start: MemoryState
    let steps: [Step]

    init(blocks: Int, seed: UInt64 = 1) throws {
        let hash = Blake2b()
        let accounts = (1...6 as ClosedRange<UInt8>).map { AccountID(repeated($0)) }
        let genesis = try Genesis(
            network: "sample", symbol: "CRN", time: 1_700_000_000_000, parameters: Parameters(.testnet),
            accounts: accounts.map { Genesis.Allocation(account: $0, balance: Amount(units: 10_000_000)) },
            validators: [
                Genesis.FoundingValidator(
                    account: AccountID(repeated(100)),
                    keys: ValidatorKeys(
                        node: NodeID(repeated(101)), vote: PublicKey(repeated(102)),
                        randomness: VRFPublicKey(repeated(103))),
                    bond: Amount(units: 200 * Amount.one.units))
            ])
        let ledger = Ledger(chain: genesis.chain(using: hash), hash: hash)
        beginning = try ledger.begin(genesis)
        var state = MemoryState()
        state.commit(beginning)
        start = state
        var random = SeededRandom(seed: seed)
        var nonces = [UInt64](repeating: 0, count: accounts.count)
        var parent = Digest(ledger.chain.raw)
        var steps: [Step] = []
        for height in (1...UInt64(blocks)).map(Height.init) {
            let transactions = (0..<3).map { _ in
                let sender = Int(random.below(UInt64(accounts.count)))
                nonces[sender] += 1
                let body = Transaction.Body(
                    chain: ledger.chain, sender: accounts[sender], nonce: nonces[sender] - 1,
                    fee: Amount(units: 1000), expiry: Height(1000),
                    action: height.number == 1 && nonces[sender] == 1
                        ? .register(Self.gateway(backer: accounts[sender]))
                        : .transfer(
                            to: AccountID(repeated(UInt8(1 + random.below(60)))),
                            amount: Amount(units: random.below(100_000))))
                let transaction = Transaction(body, signature: Signature(r: .zero, s: .zero))
                return Verified(vouchedFor: transaction, signer: body.key)
            }
            let payload = transactions.flatMap(\.value.encoded)
            let context = BlockContext(
                height: height, epoch: genesis.parameters.epoch(of: height), proposer: AccountID(repeated(100)),
                time: genesis.time + height.number * 1000, parent: parent)
            let outcome = try ledger.apply(LedgerBlock(context: context, transactions: transactions), to: state)
            state.commit(outcome)
            let block = StoredBlock(
                height: height, epoch: context.epoch, view: View(height.number), time: context.time,
                proposer: context.proposer, digest: hash.digest(DomainTag("test/block"), payload), parent: parent,
                header: Array("header \(height)".utf8), payload: payload, certificate: [1, 2, 3])
            parent = block.digest
            steps.append(Step(block: block, outcome: outcome, state: state))
        }
        self.genesis = genesis
        self.ledger = ledger
        self.steps = steps
    }

    /// One device for all: the first sender gets it, the others are told so.
    private static func gateway(backer: AccountID) -> Registration {
        guard
            let offer = Offer(
                profile: .storageHot, device: PublicKey(repeated(90)), randomness: VRFPublicKey(repeated(91)),
                capacity: 64),
            let position = Position(latitude: 1, longitude: 2), let network = Network(.v4, prefix: 7)
        else { fatalError("a sample is wrong") }
        return Registration(
            offer: offer, site: Site(position: position, height: 0, network: network), backer: backer,
            deviceProof: Signature(r: .zero, s: .zero))
    }

    func begin(_ store: ChainStore) throws(StoreError) {
        try store.begin(chain: ledger.chain, genesis: genesis.encoded, time: genesis.time, beginning)
    }

    /// Begins the chain in a directory and commits every block.
    func fill(_ directory: TestDirectory, _ limits: Limits.Store = Limits.Store()) throws {
        let store = try ChainStore(directory: directory.path, limits: limits)
        try begin(store)
        for step in steps { try store.commit(step.block, step.outcome) }
    }
}

func repeated(_ byte: UInt8) -> Bytes32 {
    Bytes32([UInt8](repeating: byte, count: Bytes32.count)) ?? .zero
}
