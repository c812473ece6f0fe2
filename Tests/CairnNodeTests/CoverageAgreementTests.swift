import CairnBase
import CairnConsensus
import CairnCrypto
import CairnLedger
import CairnNode
import CairnWire
import CairnWitness
import Testing

/// What validators compute as verdicts and what the ledger accepts are two pieces of code: here they meet over a chain
/// with real frozen sets, in which other profiles hold places too.
@Suite struct CoverageAgreementTests {
    @Test(arguments: [1, 2, 4, 5] as [UInt64]) func everyComputedVerdictIsAdopted(seed: UInt64) throws {
        var chain = try JudgedChain(seed: seed)
        for _ in 0..<200 { try chain.addBlock() }
        #expect(chain.outcomes.count > 20)
        #expect(chain.outcomes.allSatisfy { $0 == .adopted }, "\(chain.outcomes)")
        #expect(chain.sawReasons.contains(.noBeacon) && chain.sawReasons.contains(.noQuorum))
        #expect(chain.paying > 5)
    }

    @Test func anotherScoreIsNotAdopted() throws {
        var chain = try JudgedChain(seed: 5)
        chain.isLying = true
        for _ in 0..<120 { try chain.addBlock() }
        #expect(!chain.outcomes.isEmpty && chain.outcomes.allSatisfy { $0 == .wrongArithmetic })
    }

    @Test func anotherProfileHoldsAPlaceAndTakesNoPart() throws {
        var chain = try JudgedChain(seed: 6)
        for _ in 0..<65 { try chain.addBlock() }
        let view = try #require(try chain.view(Epoch(2)))
        #expect(view.members.count == JudgedChain.gateways + 1)
        #expect(view.members.count { $0.takesPart } == JudgedChain.gateways)
        let place = try #require(view.members.firstIndex { !$0.takesPart })
        #expect(view.member(UInt32(place)) == nil)
        #expect(try chain.view(Epoch(9)) == nil)
    }
}

/// A ledger with gateways whose challenges are judged as validators do it, with receipts drawn from a seed.
private struct JudgedChain {
    static let gateways = 8
    private let hash = Blake2b()
    private let ledger: Ledger<Blake2b>
    private let executor: ChainExecutor<Blake2b>
    private let chain: ChainID
    private var state = MemoryState()
    private var height = Height.genesis
    private var random: SeededRandom
    private var open: [(challenged: Challenged, reveals: [UInt32], hasBeacon: Bool)] = []
    private(set) var outcomes: [VerdictOutcome] = []
    private(set) var sawReasons = Reasons()
    private(set) var paying = 0
    var isLying = false

    init(seed: UInt64) throws {
        random = SeededRandom(seed: seed)
        let founder = Self.account(100)
        let genesis = try Genesis(
            network: "judged", symbol: "CRN", time: 1_700_000_000_000, parameters: Parameters(.testnet),
            accounts: (0...Self.gateways).map {
                .init(account: Self.account($0), balance: Amount(units: 1_000 * Amount.one.units))
            },
            validators: [
                .init(
                    account: founder,
                    keys: ValidatorKeys(
                        node: NodeID(Self.raw(101)), vote: PublicKey(Self.raw(102)),
                        randomness: VRFPublicKey(Self.raw(103))),
                    bond: Amount(units: 1_000 * Amount.one.units))
            ],
            anchors: (0..<Self.gateways - 1).map { .init(controller: Self.account($0), sequence: 0) })
        chain = genesis.chain(using: hash)
        ledger = Ledger(chain: chain, hash: hash)
        executor = ChainExecutor(chain: chain, genesisTime: genesis.time, hash: hash)
        state.commit(try ledger.begin(genesis))
    }

    private static func raw(_ number: Int) -> Bytes32 {
        Blake2b().digest(DomainTag("test"), [UInt8(number)]).raw
    }

    private static func account(_ number: Int) -> AccountID { AccountID(raw(number)) }

    private func randomness(_ height: Height) -> Digest {
        hash.digest(DomainTag("test/R"), Array(String(height.number).utf8))
    }

    func view(_ epoch: Epoch) throws -> CoverageView? { try executor.coverage(of: epoch, on: Executed(state: state)) }

    struct Executed: ExecutedChain {
        let state: MemoryState
        func header(at height: Height) -> Header? { nil }
        func root(at height: Height) -> Digest? { nil }
    }

    /// Registers everybody in the first block; then challenges, receipts and verdicts by their timeline.
    mutating func addBlock() throws {
        height = height.next
        let transactions = height.number == 1 ? (0...Self.gateways).compactMap { registration($0) } : []
        let verdicts = try verdicts()
        let parameters = Parameters(.testnet)
        let context = BlockContext(
            height: height, epoch: parameters.epoch(of: height), proposer: Self.account(100),
            time: 1_700_000_000_000 + height.number * 1_000, parent: .zero, randomness: randomness(height))
        let outcome = try ledger.apply(
            LedgerBlock(context: context, transactions: transactions, verdicts: verdicts), to: state)
        #expect(outcome.receipts.allSatisfy { $0.outcome == .applied })
        outcomes += outcome.verdicts.map(\.outcome)
        state.commit(outcome)
        try openChallenges(parameters)
    }

    private func registration(_ number: Int) -> Verified<Transaction>? {
        let isGateway = number < Self.gateways
        let radio = Radio(eui: UInt64(number), region: Region.eu868.rawValue, power: 160, gain: 20)
        guard
            let offer = Offer(
                profile: isGateway ? .coverageRadio : .storageHot, device: PublicKey(Self.raw(20 + number)),
                randomness: VRFPublicKey(Self.raw(40 + number)), radio: isGateway ? radio : nil,
                capacity: isGateway ? nil : 64),
            let position = Position(latitude: 488_566_000, longitude: Int32(23_522_000 + number * 1_000 * 136)),
            let network = Network(.v4, prefix: UInt64(number))
        else { return nil }
        let registration = Registration(
            offer: offer, site: Site(position: position, height: 0, network: network), backer: Self.account(number),
            deviceProof: Signature(r: .zero, s: .zero))
        let body = Transaction.Body(
            chain: chain, sender: Self.account(number), nonce: 0, fee: Amount(units: 1_000), expiry: Height(100),
            action: .register(registration))
        let transaction = Transaction(body, signature: Signature(r: .zero, s: .zero))
        return Verified(vouchedFor: transaction, signer: transaction.key)
    }

    private mutating func openChallenges(_ parameters: Parameters) throws {
        let next = height.next
        guard let view = try view(parameters.epoch(of: next)) else { return }
        for challenged in Challenged.all(
            at: next, in: view, randomness: randomness(height.preceding()), chain: chain, using: hash)
        {
            let others = view.members.indices.map { UInt32($0) }.filter {
                $0 != challenged.target && view.member($0) != nil
            }
            // Mostly all hear it, now and then hardly anybody.
            let few = random.chance(ppm: 200_000)
            let reveals = others.filter { _ in random.chance(ppm: few ? 200_000 : 900_000) }
            open.append((challenged, reveals, !random.chance(ppm: 60_000)))
        }
    }

    private mutating func verdicts() throws -> [Verdict] {
        let due = open.filter { $0.challenged.height.advanced(by: 11) == height }
        open.removeAll { $0.challenged.height.advanced(by: 11) <= height }
        return try due.compactMap { try verdict($0.challenged, $0.reveals, $0.hasBeacon) }
    }

    private mutating func verdict(_ challenged: Challenged, _ reveals: [UInt32], _ hasBeacon: Bool) throws -> Verdict? {
        let view = try #require(try view(Parameters(.testnet).epoch(of: challenged.height)))
        let beacon = Beacon(
            output: randomness(challenged.height), profile: 1, height: challenged.height, region: .eu868, using: hash)
        var judged = ChallengeCase(
            id: challenged.id, height: challenged.height, target: challenged.target, beacon: hasBeacon ? beacon : nil)
        for witness in hasBeacon ? reveals : [] {
            judged.reveals[witness] = try reveal(of: beacon, challenged, by: witness, in: view)
        }
        let drawn = randomness(challenged.height.advanced(by: 10))
        let computed = CairnWitness.Judgement(judged, in: view, randomness: drawn, using: hash)
        let judgement = try #require(computed)
        sawReasons.formUnion(judgement.verdict.reasons)
        if judgement.verdict.units > 0 { paying += 1 }
        guard isLying else { return .coverage(judgement.verdict) }
        let verdict = judgement.verdict
        return CoverageVerdict(
            height: verdict.height, target: verdict.target, kind: verdict.kind, units: verdict.units + 1,
            reasons: verdict.reasons, receipts: verdict.receipts, neighbours: verdict.neighbours,
            seats: verdict.seats
        ).map { .coverage($0) }
    }

    private mutating func reveal(
        of beacon: Beacon, _ challenged: Challenged, by witness: UInt32, in view: CoverageView
    ) throws -> Reveal {
        let member = try #require(view.member(witness))
        let strength = Int16(clamping: -900 - 30 * Int(beacon.step) + Int(random.below(80)))
        let reception = Reception(
            payload: beacon.payload, frequency: beacon.frequency, spreading: beacon.spreading, bandwidth: 0,
            strength: strength, signalStrength: nil, signalToNoise: 60, counter: 0, fineTime: nil)
        let receipt = RadioReceipt(
            challenge: challenged.id, witness: member.device, payload: beacon.payloadHash(using: hash),
            reception: reception, eui: UInt64(witness))
        let opening = try #require(Opening(receipt: receipt, salt: [UInt8](repeating: 0, count: Opening.saltCount)))
        return Reveal(opening: opening, signature: Signature(r: .zero, s: .zero))
    }
}
