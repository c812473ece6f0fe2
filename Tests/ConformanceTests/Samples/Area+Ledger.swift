import CairnBase
import CairnCrypto
import CairnLedger
import CairnWire

extension Area {
    static let ledger = Area(name: "ledger") {
        let zero = Signature(r: .zero, s: .zero)
        let keys = ValidatorKeys(node: NodeID(id(1)), vote: PublicKey(id(2)), randomness: VRFPublicKey(id(3)))
        let genesis = try Genesis(
            network: "sample-1", symbol: "CRN", time: 1_700_000_000_000, parameters: Parameters(.testnet),
            accounts: [Genesis.Allocation(account: AccountID(id(4)), balance: .one)],
            validators: [
                Genesis.FoundingValidator(account: AccountID(id(5)), keys: keys, bond: Amount(units: 10_000_000_000))
            ],
            anchors: [Genesis.Anchor(controller: AccountID(id(4)), sequence: 7)])
        let hash = Blake2b()
        let ledger = Ledger(chain: genesis.chain(using: hash), hash: hash)
        var state = MemoryState()
        state.commit(try ledger.begin(genesis))
        let tree = StateTree(hash)
        let votes = [8, 9].map { Contradiction.Vote(kind: .notarize, block: Digest(id($0)), signature: zero) }
        let contradiction = try Contradiction(key: keys.vote, epoch: Epoch(1), view: View(2), votes[0], votes[1])
            .unwrapped()
        let offer = try Offer(
            profile: .coverageRadio, device: keys.vote, randomness: keys.randomness,
            radio: Radio(eui: 0x0102_0304_0506_0708, region: 1, power: 270, gain: -21)
        ).unwrapped()
        let site = Site(
            position: try Position(latitude: -338_688_000, longitude: 1_512_093_000).unwrapped(), height: 1200,
            network: try Network(.v6, prefix: 0x2001_0db8_0001).unwrapped())
        let order = try ObjectOrder(
            profile: .storageHot, root: Digest(id(7)), shards: 8, needed: 4, units: 2, price: .one,
            deposit: Amount(units: 800_000_000)
        ).unwrapped()
        let actions: [(String, Action)] = [
            ("transfer", .transfer(to: AccountID(id(6)), amount: .one)), ("bond", .bond(.one)),
            ("unbond", .unbond(.one)), ("withdraw", .withdraw),
            ("apply", .apply(Candidacy(keys: keys, voteProof: zero, nodeProof: zero))), ("resign", .resign),
            ("rotate", .rotate(to: keys.vote)), ("accuse", .accuse(contradiction)),
            (
                "register",
                .register(Registration(offer: offer, site: site, backer: AccountID(id(6)), deviceProof: zero))
            ),
            ("move", .move(ResourceID(id(7)), to: site)), ("retire", .retire(ResourceID(id(7)))),
            ("back", .back(ResourceID(id(7)), with: .one)), ("unback", .unback(ResourceID(id(7)), by: .one)),
            ("propose-parameter", .propose(.parameter(.feeMin, to: 9))),
            ("propose-share", .propose(.share(of: .storageSealed, ppm: 300_000))),
            ("propose-version", .propose(.version(2, from: Height(7200)))), ("vote", .vote(on: 5, isYes: true)),
            ("open", .open(order)), ("top-up", .topUp(Digest(id(8)), with: .one)), ("close", .close(Digest(id(8)))),
        ]
        return try actions.map { name, action in
            let body = Transaction.Body(
                chain: ledger.chain, sender: AccountID(id(4)), key: name == "rotate" ? PublicKey(id(7)) : nil, nonce: 3,
                fee: Amount(units: 1000), expiry: Height(99), action: action)
            return try .canonical("tx-" + name, Transaction(body, signature: zero))
        } + [
            .canonical("genesis", genesis),
            .canonical("profile-rules", ProfileRules.template(.storageSealed, .main)),
            .writeOnly("chain-id", ledger.chain.raw.bytes),
            .writeOnly("genesis-state-root", state.root.raw.bytes),
            .canonical("proof-present", tree.proof(of: RecordKey<Account>.account(AccountID(id(4))).key, in: state)),
            .canonical("proof-absent", tree.proof(of: RecordKey<Account>.account(AccountID(id(9))).key, in: state)),
        ]
    }

    private static func id(_ first: UInt8) -> Bytes32 {
        Bytes32((0..<32).map { first + $0 }) ?? .zero
    }
}
