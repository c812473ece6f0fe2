import CairnBase
import CairnLedger
import CairnWire

/// Random blocks, made to meet every rule: amounts around the limits, stale nonces, old and new keys, old evidence.
struct Workload {
    static let accounts = (1...9 as ClosedRange<UInt8>).map(account)
    var random: SeededRandom
    private let chain: ChainID

    init(seed: UInt64, chain: ChainID) {
        random = SeededRandom(seed: seed)
        self.chain = chain
    }

    static func keys(_ number: UInt8) -> ValidatorKeys {
        ValidatorKeys(
            node: NodeID(repeated(150 + number)), vote: PublicKey(repeated(200 + number)),
            randomness: VRFPublicKey(repeated(250)))
    }

    mutating func context(_ height: UInt64, _ parameters: Parameters, _ model: Model) -> BlockContext {
        let epoch = (height - 1) / parameters[.epochBlocks]
        let seats = model.committees[epoch, default: []].map(\.account)
        let missed = (0..<random.below(3)).compactMap { _ in seats.randomElement(using: &random) }
        return BlockContext(
            height: Height(height), epoch: Epoch(epoch), proposer: seats.randomElement(using: &random) ?? account(1),
            time: height, parent: Digest(random.bytes32()), missed: missed, randomness: Digest(random.bytes32()))
    }

    /// Up to so many transactions, each made as if those before it were carried out.
    mutating func transactions(_ height: UInt64, atMost count: UInt64, _ model: Model) -> [Verified<Transaction>] {
        var expected = model
        return (0..<random.below(count + 1)).map { _ in
            let next = transaction(height, expected)
            if expected.refusal(next.value, height) == nil { expected.nonce[next.value.sender, default: 0] += 1 }
            return next
        }
    }

    private mutating func transaction(_ height: UInt64, _ model: Model) -> Verified<Transaction> {
        // Some do not exist, and some own tokens and no stake.
        let isStranger = random.chance(ppm: 10_000)
        let holder = random.chance(ppm: 60_000) ? holder(model) : nil
        let sender = holder?.sender ?? (random.chance(ppm: 20_000) ? account(99) : isStranger ? bystander() : anyone())
        let nonce = model.nonce[sender, default: 0]
        let (balance, epoch) = (model.balance[sender, default: 0], (height - 1) / model.parameters[.epochBlocks])
        var key = model.signingKey[sender] ?? sender.key
        if let next = model.nextKey[sender], next.from <= height { key = next.key }
        if random.chance(ppm: 20_000) { key = PublicKey(repeated(77)) }
        let usedNonce: UInt64 = random.chance(ppm: 25_000) ? nonce &- 1 : random.chance(ppm: 25_000) ? nonce + 1 : nonce
        var fee: UInt64 = random.chance(ppm: 20_000) ? balance + 1 : 9 + random.below(30)
        if holder != nil, random.chance(ppm: 900_000) { fee = model.parameters[.feeMin] }
        let expiry = random.chance(ppm: 20_000) ? height - 1 : height
        let chain = random.chance(ppm: 20_000) ? ChainID(repeated(0)) : chain
        return Transaction.vouched(
            from: sender, nonce: usedNonce, fee: fee, expiry: expiry, chain: chain, key: key,
            holder?.action ?? (isStranger ? vote(model) : action(sender, height, epoch, model)))
    }

    private mutating func action(
        _ sender: AccountID, _ height: UInt64, _ epoch: UInt64, _ model: Model
    ) -> Action {
        let amount = Amount(units: random.chance(ppm: 30_000) ? 0 : random.below(40_000))
        // Account 9 asks for little and hardly ever collects, so that its queue of withdrawals fills up.
        if sender == account(9), random.chance(ppm: 700_000) {
            return random.chance(ppm: 20_000) ? .withdraw : .unbond(Amount(units: 1))
        }
        if random.chance(ppm: 150_000) { return newer(sender, height, model) }
        switch random.below(23) {
        case 0..<4: return .transfer(to: anyone(), amount: amount)
        case 4: return .transfer(to: anyone(), amount: Amount(units: model.balance[sender, default: 0] + 1))
        case 5, 6: return .bond(amount)
        case 7: return .unbond(Amount(units: random.below(model.bonded[sender, default: 0] + 2)))
        case 8: return .unbond(Amount(units: random.below(20)))
        case 9: return .withdraw
        case 10, 11:
            let proof = Signature(r: .zero, s: .zero)
            let keys = Self.keys(UInt8(random.below(20)))
            return .apply(Candidacy(keys: keys, voteProof: proof, nodeProof: proof))
        case 12: return .resign
        case 13: return .rotate(to: PublicKey(repeated(UInt8(1 + random.below(9)))))
        case 14:
            let when = random.chance(ppm: 200_000) ? epoch + 1 : epoch - min(epoch, random.below(8))
            return accusation(epoch: when, model) ?? .resign
        case 15, 16:
            // Fewer radios than devices that need one.
            let (device, radio) = (UInt8(random.below(60)), UInt8(random.below(20)))
            let backer = random.chance(ppm: 500_000) ? sender : anyone()
            return .register(ResourceSamples.any(device, radio, backer: backer))
        case 17: return .move(resource(model), to: ResourceSamples.site(Int32(random.below(1000))))
        case 18: return random.chance(ppm: 400_000) ? .retire(resource(model)) : .withdraw
        case 19: return .back(resource(model), with: amount)
        case 20: return .unback(resource(model), by: Amount(units: random.below(3) == 0 ? 1 : random.below(20_000)))
        case 21: return claim(sender, model)
        default: return .transfer(to: bystander(), amount: amount)
        }
    }

    /// Mostly of a sealed resource of one's own.
    private mutating func claim(_ sender: AccountID, _ model: Model) -> Action {
        let mine = model.resources.filter { $0.value.owner == sender && $0.value.offer.profile == .storageSealed }
        let one = mine.keys.sorted().randomElement(using: &random) ?? resource(model)
        let id = random.chance(ppm: 200_000) ? resource(model) : one
        return .seal(
            SealedClaim(
                resource: id, partition: UInt32(random.below(3)), node: NodeID(random.bytes32()),
                packed: Digest(random.bytes32()), manifest: Digest(random.bytes32())))
    }

    /// Accusations are rare: each one costs, and the model is to run for long.
    private mutating func accusation(epoch: UInt64, _ model: Model) -> Action? {
        let zero = Signature(r: .zero, s: .zero)
        let left = Contradiction.Vote(kind: .notarize, block: Digest(repeated(1)), signature: zero)
        let right = Contradiction.Vote(kind: .notarize, block: Digest(repeated(2)), signature: zero)
        let key = PublicKey(repeated(200 + UInt8(random.below(20))))
        let seated = model.committees[epoch, default: []].map(\.keys.vote)
        let accused = random.chance(ppm: 500_000) ? seated.randomElement(using: &random) ?? key : key
        return Contradiction(key: accused, epoch: Epoch(epoch), view: View(3), left, right).map(Action.accuse)
    }

    private mutating func resource(_ model: Model) -> ResourceID {
        if random.chance(ppm: 50_000) { return ResourceID(repeated(1)) }
        return model.resources.keys.sorted().randomElement(using: &random) ?? ResourceID(repeated(2))
    }

    private mutating func bystander() -> AccountID { account(UInt8(10 + random.below(20))) }

    private mutating func anyone() -> AccountID { Self.accounts[Int(random.below(UInt64(Self.accounts.count)))] }
}
