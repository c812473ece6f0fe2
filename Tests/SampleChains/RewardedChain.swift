public import CairnBase
public import CairnConsensus
import CairnCrypto
public import CairnLedger
public import CairnNode
public import CairnStore
import CairnWire

/// A chain on which things were proven and paid: six radios and six disks, verdicts good and bad, an object with an
/// owner, a vote, transfers and refused ones. Every signature is real, so that it can be run again from its bytes.
public struct RewardedChain {
    /// Eleven epochs of twelve blocks: the verdicts of epochs 2 to 5 are settled.
    public static let height: UInt64 = 132
    private static let members: ClosedRange<UInt8> = 1...6

    public let genesis: Genesis
    public private(set) var state = MemoryState()
    private let executor: ChainExecutor<Blake2b>
    private var headers: [Header] = []
    private var roots: [Digest]
    private var nonces: [UInt8: UInt64] = [:]
    private var randomness: Digest

    /// Writes the chain into an empty store.
    public init(in store: ChainStore) throws {
        genesis = try Self.genesis()
        let chain = genesis.chain(using: Blake2b())
        executor = ChainExecutor(chain: chain, genesisTime: genesis.time, hash: Blake2b())
        randomness = Randomness.origin(of: chain, using: Blake2b())
        let beginning = try Ledger(chain: chain, hash: Blake2b()).begin(genesis)
        state.commit(beginning)
        roots = [beginning.root]
        try store.begin(chain: chain, genesis: genesis.encoded, time: genesis.time, beginning)
        for height in 1...Self.height { try extend(store, to: height) }
    }

    private mutating func extend(_ store: ChainStore, to height: UInt64) throws {
        let payload = BlockPayload(
            transactions: transactions(height), verdicts: try coverage(height) + storage(height))
        let output = Digest(repeated(UInt8(height)))
        let header = Header(
            chain: executor.chain, epoch: Epoch((height - 1) / 12), view: View(height), height: Height(height),
            parent: headers.last?.digest(using: Blake2b()) ?? Digest(executor.chain.raw),
            parentView: View(height - 1), payload: payload.payload.reference(using: Blake2b()),
            time: genesis.time + 1000 * height, leader: MemberIndex(0), nextCommittee: .zero,
            startState: roots[Int((height - 1) / 12) * 12],
            randomness: RandomnessStep(
                previous: randomness, output: output,
                proof: RandomnessProof(point: .zero, challenge: (0, 0), scalar: .zero)))
        let checked = payload.transactions.map { Verified(vouchedFor: $0, signer: $0.key) }
        let execution = try executor.execute(header, checked, payload.verdicts, on: self)
        try store.commit(
            StoredBlock(
                height: header.height, epoch: header.epoch, view: header.view, time: header.time,
                proposer: execution.context.proposer, digest: header.digest(using: Blake2b()), parent: header.parent,
                header: header.encoded, payload: payload.payload.bytes, certificate: []),
            execution.outcome)
        randomness = header.randomness.next(using: Blake2b())
        headers.append(header)
        state.commit(execution.outcome)
        roots.append(state.root)
    }

    private static func genesis() throws -> Genesis {
        var parameters = Parameters(.testnet)
        for (parameter, value) in [
            (.epochBlocks, 12), (.feeMin, 1000), (.vettingVerdicts, 1), (.vettingPeriods, 0), (.rewardEpochs, 100),
        ] as [(Parameter, UInt64)] {
            guard parameters.set(parameter, to: value) else { fatalError("a sample is wrong") }
        }
        return try Genesis(
            network: "sample", symbol: "CRN", time: 1_700_000_000_000, parameters: parameters,
            accounts: (members.map { $0 } + [100]).map {
                Genesis.Allocation(account: account($0), balance: Amount(units: 1000 * Amount.one.units))
            },
            validators: [
                Genesis.FoundingValidator(
                    account: account(100),
                    keys: ValidatorKeys(
                        node: NodeID(repeated(101)), vote: PublicKey(repeated(102)),
                        randomness: VRFPublicKey(repeated(103))),
                    bond: Amount(units: 200 * Amount.one.units))
            ],
            anchors: members.map { Genesis.Anchor(controller: account($0), sequence: 0) })
    }

    private static func key(_ number: UInt8) -> SecretKey { SecretKey(seed: Seed(known: repeated(number))) }

    public static func account(_ number: UInt8) -> AccountID { AccountID(key(number).publicKey) }

    /// The radio of a member, and its disk.
    public func resource(of member: UInt8, disk: Bool = false) -> ResourceID {
        Resource.id(
            chain: executor.chain, controller: Self.account(member), sequence: disk ? 1 : 0, using: Blake2b())
    }
}

extension RewardedChain: ExecutedChain {
    public func root(at height: Height) -> Digest? {
        height.number < roots.count ? roots[Int(height.number)] : nil
    }

    public func header(at height: Height) -> Header? {
        height > .genesis && height.number <= headers.count ? headers[Int(height.number) - 1] : nil
    }
}

// MARK: Transactions

extension RewardedChain {
    private mutating func transactions(_ height: UInt64) -> [Transaction] {
        switch height {
        case 1:
            return Self.members.flatMap { [make($0, register($0, disk: false)), make($0, register($0, disk: true))] }
        case 2:
            return [
                make(1, .propose(.parameter(.feeMin, to: 2000))), make(100, .bond(Amount.one)),
                make(2, .back(resource(of: 2), with: Amount(units: 5 * Amount.one.units))),
            ]
        case 3: return [make(100, .vote(on: 0, isYes: true)), make(1, .vote(on: 0, isYes: true))]
        case 5:
            let order = ObjectOrder(
                profile: .storageHot, root: Digest(repeated(9)), shards: 2, needed: 1, units: 4,
                price: Amount.one, deposit: Amount(units: 40 * Amount.one.units))
            return order.map { [make(1, .open($0))] } ?? []
        case 7: return [make(100, .unbond(Amount(units: 1000)))]
        case 9: return [make(3, .retire(resource(of: 2)))]
        default:
            guard height.isMultiple(of: 10) else { return [] }
            let member = UInt8(height / 10 % 6) + 1
            return [make(member, .transfer(to: Self.account(100), amount: Amount(units: height * 1000)))]
        }
    }

    private mutating func make(_ sender: UInt8, _ action: Action) -> Transaction {
        let nonce = nonces[sender, default: 0]
        nonces[sender] = nonce + 1
        let body = Transaction.Body(
            chain: executor.chain, sender: Self.account(sender), nonce: nonce, fee: Amount(units: 5000),
            expiry: Height(1000), action: action)
        return Transaction(body, signature: Self.key(sender).sign(body.signedBytes(chain: executor.chain)))
    }

    private func register(_ member: UInt8, disk: Bool) -> Action {
        let device = Self.key(member + (disk ? 50 : 30))
        let offer = Offer(
            profile: disk ? .storageHot : .coverageRadio, device: device.publicKey,
            randomness: VRFPublicKey(repeated(9)),
            radio: disk ? nil : Radio(eui: UInt64(member), region: 1, power: 270, gain: 21),
            capacity: disk ? 64 : nil)
        guard let offer,
            let position = Position(latitude: 488_566_000 + 100_000 * Int32(member), longitude: 23_522_000),
            let network = Network(.v4, prefix: 0x7f_0000 + UInt64(member))
        else { fatalError("a sample is wrong") }
        let owner = Self.account(member)
        let proof = device.sign(
            Registration.body(offer, of: owner), tag: Registration.domain, chain: executor.chain)
        return .register(
            Registration(
                offer: offer, site: Site(position: position, height: 1000, network: network), backer: owner,
                deviceProof: proof))
    }
}

// MARK: Verdicts

extension RewardedChain {
    private func frozen(_ height: UInt64) throws -> [FrozenResource] {
        let epoch = Epoch((height - 1) / 12)
        return try (0..<(state.load(.census(epoch))?.count ?? 0)).compactMap { try state.load(.frozen(epoch, $0)) }
    }

    /// In turn: heard by four, silent, heard by two, heard by three. Once with a number that is not right.
    private func coverage(_ height: UInt64) throws -> [Verdict] {
        guard height > 24 + 11 else { return [] }
        let n = height - 11
        let places = try frozen(n)
        let radios = places.indices.filter { places[$0].offer.profile == .coverageRadio }
        guard !radios.isEmpty else { return [] }
        let target = radios[Int(n % UInt64(radios.count))]
        let count = [4, 0, 2, 3][Int(n % 4)]
        var reasons = Reasons()
        if count == 0 { reasons.insert(.noBeacon) }
        if count == 2 { reasons.insert(.noQuorum) }
        let witnesses = radios.filter { $0 != target }.prefix(count)
        let seats = witnesses.map { place in
            CoverageVerdict.Seat(
                witness: UInt32(place), reasons: [],
                units: count < 3
                    ? 0
                    : UInt32(CoverageArithmetic.witness(places[place], of: places[target], count, [])),
                signal: -1000 - Int16(place), noiseDistance: 5, powerStep: 0)
        }
        let units = count < 3 ? 0 : CoverageArithmetic.beacon(places[target], count, 1_000_000)
        let verdict = CoverageVerdict(
            height: Height(n), target: UInt32(target), kind: .radio, units: UInt32(units) + (n == 36 ? 1 : 0),
            reasons: reasons, receipts: Digest(repeated(7)), neighbours: .max, seats: seats)
        return verdict.map { [.coverage($0)] } ?? []
    }

    /// Two of three rounds are passed.
    private func storage(_ height: UInt64) throws -> [Verdict] {
        guard height > 24 + 42 else { return [] }
        let n = height - 42
        let places = try frozen(n)
        let disks = places.indices.filter { places[$0].offer.profile == .storageHot }
        guard !disks.isEmpty else { return [] }
        let provider = disks[Int(n % UInt64(disks.count))]
        let others = places.indices.filter { $0 != provider }.prefix(7)
        let passed = !n.isMultiple(of: 3)
        let verdict = StorageVerdict(
            height: Height(n), provider: UInt32(provider), partition: 0, kind: .hotRound, passed: passed,
            units: passed ? 16 : 0, reasons: passed ? [] : Reasons(.badLeaf), receipts: Digest(repeated(8)),
            walks: others.map { StorageVerdict.Walk(witness: UInt32($0), result: passed ? .good : .badLeafOrPath) })
        return verdict.map { [.storage($0)] } ?? []
    }
}

private func repeated(_ byte: UInt8) -> Bytes32 {
    Bytes32([UInt8](repeating: byte, count: Bytes32.count)) ?? .zero
}
