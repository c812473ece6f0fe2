import CairnBase
import CairnCrypto
import CairnLedger
import CairnWire
import Testing

/// A ledger that is told what twenty-four names heard of each other: twelve honest radios, five names on one antenna, one
/// that reports one strength for everything, and six names without a radio on the spots of the first two.
struct CrowdRun {
    static let honest = 1...12 as ClosedRange<UInt8>
    static let twins = 13...17 as ClosedRange<UInt8>
    static let rewriter: UInt8 = 18
    static let squatters = 21...26 as ClosedRange<UInt8>
    /// Is never challenged with success after the sixth epoch.
    static let mute: UInt8 = 11
    /// Retires in the fourteenth.
    static let leaver: UInt8 = 12

    private let ledger: Ledger<Blake2b>
    private var random: SeededRandom
    private var strengths: [[UInt8]: Int16] = [:]
    private let arithmetic: Model
    private(set) var state = MemoryState()
    private(set) var height: UInt64 = 0
    /// By the epoch of their challenges, in their order.
    private(set) var verdicts: [UInt64: [CoverageVerdict]] = [:]
    private(set) var frozen: [UInt64: [FrozenResource]] = [:]
    private var nonces: [UInt8: UInt64] = [:]

    init(seed: UInt64) throws {
        random = SeededRandom(seed: seed)
        var parameters = Parameters(.testnet)
        for (parameter, value) in [(Parameter.interactiveEpochs, UInt64(6)), (.trustPeriods, 18)] {
            let isWithinBounds = parameters.set(parameter, to: value)
            #expect(isWithinBounds)
        }
        let names = Array(Self.honest) + Array(Self.twins) + [Self.rewriter] + Array(Self.squatters)
        let genesis = try Genesis(
            network: "crowd", symbol: "CRN", time: 0, parameters: parameters,
            accounts: names.map { .init(account: account($0), balance: Amount(units: 10 * Amount.one.units)) },
            validators: [
                .init(
                    account: account(100), keys: Workload.keys(1), bond: Amount(units: 200 * Amount.one.units))
            ],
            anchors: (1...8 as ClosedRange<UInt8>).map { .init(controller: account($0), sequence: 0) })
        ledger = Ledger(chain: genesis.chain(using: Blake2b()), hash: Blake2b())
        arithmetic = Model(genesis, chain: ledger.chain)
        state.commit(try ledger.begin(genesis))
    }

    var epoch: UInt64 { height == 0 ? 0 : (height - 1) / 30 }

    /// One block. Returns the state before it.
    mutating func step() throws -> MemoryState {
        height += 1
        if height % 30 == 1 { frozen[epoch] = try load(epoch) }
        let before = state
        let due = height > 11 ? try verdict(on: height - 11) : nil
        let outcome = try ledger.apply(
            LedgerBlock(
                context: context(height), transactions: orders(), verdicts: due.map { [.coverage($0)] } ?? []),
            to: state)
        try #require(outcome.receipts.allSatisfy { $0.outcome == .applied })
        try #require(outcome.verdicts.allSatisfy { $0.outcome == .adopted })
        if let due { verdicts[(due.height.number - 1) / 30, default: []].append(due) }
        state.commit(outcome)
        return before
    }

    func load(_ epoch: UInt64) throws -> [FrozenResource] {
        let count = try state.load(RecordKey<Census>.census(Epoch(epoch)))?.count ?? 0
        return try (0..<count).map { try #require(try state.load(.frozen(Epoch(epoch), $0))) }
    }

    // MARK: - What happens

    private mutating func orders() -> [Verified<Transaction>] {
        switch height {
        case 1: return (Array(Self.honest) + Array(Self.twins) + [Self.rewriter]).map { order($0, registration($0)) }
        case 4 * 30 + 1: return Self.squatters.map { order($0, registration($0)) }
        case 14 * 30 + 1:
            let id = Resource.id(
                chain: ledger.chain, controller: account(Self.leaver), sequence: 0, using: Blake2b())
            return [order(Self.leaver, .retire(id))]
        default: return []
        }
    }

    private mutating func order(_ name: UInt8, _ action: Action) -> Verified<Transaction> {
        let nonce = nonces[name, default: 0]
        nonces[name] = nonce + 1
        return Transaction.vouched(from: account(name), nonce: nonce, chain: ledger.chain, action)
    }

    /// Half a kilometre from each other; squatters stand on the first two.
    private func registration(_ name: UInt8) -> Action {
        let offer = Offer(
            profile: .coverageRadio, device: PublicKey(repeated(name)), randomness: VRFPublicKey(repeated(9)),
            radio: Radio(eui: UInt64(name), region: 1, power: 160, gain: 0))
        let spot = Self.squatters.contains(name) ? Int32(1 + name % 2) : Int32(name)
        guard let offer, let position = Position(latitude: 488_566_000 + 45_000 * spot, longitude: 23_522_000),
            let network = Network(.v4, prefix: UInt64(name))
        else { fatalError("a sample is wrong") }
        return .register(
            Registration(
                offer: offer, site: Site(position: position, height: 0, network: network), backer: account(name),
                deviceProof: Signature(r: .zero, s: .zero)))
    }

    /// On each that is there once an epoch, one a block, heard by five of the others.
    private mutating func verdict(on challenge: UInt64) throws -> CoverageVerdict? {
        let (epoch, place) = ((challenge - 1) / 30, Int((challenge - 1) % 30))
        guard let rows = frozen[epoch], rows.indices.contains(place), let target = name(rows[place]) else { return nil }
        if Self.squatters.contains(target) || (target == Self.mute && epoch > 6) { return nil }
        let hearers = rows.indices.filter {
            place != $0 && name(rows[$0]).map { !Self.squatters.contains($0) } ?? false
        }
        let step = UInt8(random.below(4))
        let seats = hearers.shuffled(using: &random).prefix(5).sorted().map { witness in
            CoverageVerdict.Seat(
                witness: UInt32(witness),
                reasons: rows[witness].reasons.contains(.tooPerfect) ? Reasons(.tooPerfect) : [],
                units: 0, signal: signal(target, at: name(rows[witness]) ?? 0, step), noiseDistance: 3, powerStep: step)
        }
        let draft = CoverageVerdict(
            height: Height(challenge), target: UInt32(place), kind: .radio, units: 0, reasons: [], receipts: .zero,
            neighbours: .max, seats: seats)
        return draft.flatMap { arithmetic.right($0, rows) }
    }

    private func name(_ row: FrozenResource) -> UInt8? { row.offer.radio.map { UInt8(truncatingIfNeeded: $0.eui) } }

    /// One antenna sounds alike but for each name's gain. The third and the fourth honest radio sound nearly alike: now a
    /// little less than the rule asks for, now a little more.
    private mutating func signal(_ target: UInt8, at witness: UInt8, _ step: UInt8) -> Int16 {
        if witness == Self.rewriter { return -1_000 + Int16(random.below(5)) }
        let isTwin = Self.twins.contains(target)
        let base = strength([isTwin ? 13 : target == 4 ? 3 : target, witness], 300)
        let own = isTwin ? 7 * Int16(target - 13) : target == 4 ? strength([200, witness], 72) - 36 : 0
        return -900 - base + own - 30 * Int16(step) + Int16(random.below(25)) - 12
    }

    private mutating func strength(_ pair: [UInt8], _ width: UInt64) -> Int16 {
        if let known = strengths[pair] { return known }
        let value = Int16(random.below(width))
        strengths[pair] = value
        return value
    }
}
