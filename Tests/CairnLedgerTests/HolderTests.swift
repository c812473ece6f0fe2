import CairnBase
import CairnCrypto
import CairnLedger
import CairnWire
import Testing

/// What holders say of an object, and what the chain makes of it: who is believed, who is lost, who comes instead.
@Suite struct HolderTests {
    /// Providers in places and networks of their own, one of them more than there are shards and spares.
    struct Town {
        let ledger: Ledger<Blake2b>
        var state = MemoryState()
        var height: UInt64 = 0
        let seed: UInt64
        static let providers: UInt8 = 13
        static let owner = account(1)
        static let epochBlocks: UInt64 = 12
        let object: Digest

        init(seed: UInt64, providers: UInt8 = Self.providers, deposit: UInt64 = 1_000_000) throws {
            var parameters = Parameters(.testnet)
            let isSet = parameters.set(.epochBlocks, to: Self.epochBlocks) && parameters.set(.placeFee, to: 1)
            try #require(isSet)
            let genesis = try Genesis(
                network: "town", symbol: "CRN", time: 0, parameters: parameters,
                accounts: (1...Self.providers).map {
                    Genesis.Allocation(account: account($0), balance: Amount(units: 1000 * Amount.one.units))
                },
                validators: try sampleGenesis().validators)
            ledger = Ledger(chain: genesis.chain(using: Blake2b()), hash: Blake2b())
            self.seed = seed
            object = ObjectOrder.id(chain: ledger.chain, owner: Self.owner, sequence: 0, using: Blake2b())
            state.commit(try ledger.begin(genesis))
            for number in 1...providers { try apply(.register(Self.registration(number)), by: account(number)) }
            try rest(until: 2 * Self.epochBlocks)
            let order = ObjectOrder(
                profile: .storageHot, root: Digest(repeated(1)), shards: 8, needed: 4, units: 2,
                price: Amount(units: 1000), deposit: Amount(units: deposit))
            try apply(.open(try #require(order)), by: Self.owner)
            try rest(until: height + 2)
        }

        static func device(_ number: UInt8) -> AccountID { account(number + 100) }

        /// The device that holds a shard.
        func holder(of shard: Int) throws -> AccountID {
            Self.device(UInt8(try stored().holders[shard].number) + 1)
        }

        func stored() throws -> PrepaidObject { try #require(try state.load(.object(object))) }

        private static func registration(_ number: UInt8) -> Registration {
            let offer = Offer(
                profile: .storageHot, device: device(number).key, randomness: VRFPublicKey(repeated(9)), capacity: 64)
            guard let offer, let position = Position(latitude: 480_000_000 + 40_000 * Int32(number), longitude: 0),
                let network = Network(.v4, prefix: 0x7f00_00 + UInt64(number))
            else { fatalError("a sample is wrong") }
            return Registration(
                offer: offer, site: Site(position: position, height: 1, network: network),
                backer: account(number), deviceProof: Signature(r: .zero, s: .zero))
        }

        /// Seven others say of a round that they saw the leaves of a shard; a block as early as may be adopts it.
        mutating func show(
            _ shard: Int, begun: UInt64, silent: Int = 0, _ reasons: Reasons = []
        ) throws -> VerdictOutcome? {
            try judge(shard, begun: begun, silent: silent, passed: silent < 3, reasons)
        }

        /// The same, said to have failed.
        mutating func fault(_ shard: Int, begun: UInt64, silent: Int, _ reasons: Reasons) throws -> VerdictOutcome? {
            try judge(shard, begun: begun, silent: silent, passed: false, reasons)
        }

        private mutating func judge(
            _ shard: Int, begun: UInt64, silent: Int, passed: Bool, _ reasons: Reasons
        ) throws -> VerdictOutcome? {
            try rest(until: begun + 41)
            let holder = try stored().holders[shard]
            let epoch = Epoch((begun - 1) / Self.epochBlocks)
            var places: [UInt32] = []
            while let frozen = try state.load(RecordKey<FrozenResource>.frozen(epoch, UInt32(places.count))) {
                places.append(frozen.number)
            }
            let place = UInt32(try #require(places.firstIndex(of: holder.number)))
            let walks = (1...7 as ClosedRange<UInt32>).map { step in
                StorageVerdict.Walk(
                    witness: (place + step) % UInt32(places.count), result: step <= silent ? .lateOrSilent : .good)
            }
            let verdict = StorageVerdict(
                height: Height(begun), provider: place, partition: holder.slot, kind: .hotRound, passed: passed,
                units: passed ? 2 : 0, reasons: reasons, receipts: .zero, walks: walks)
            try apply(verdicts: [.storage(try #require(verdict))])
            return judgements.first?.outcome
        }

        private(set) var judgements: [Judgement] = []

        @discardableResult
        mutating func apply(_ actions: (Action, by: AccountID)..., verdicts: [Verdict] = []) throws -> [Outcome] {
            height += 1
            var random = SeededRandom(seed: seed &* 1_000_003 &+ height)
            var nonces: [AccountID: UInt64] = [:]
            let transactions = try actions.map { action, sender in
                let nonce = try nonces[sender] ?? state.load(.account(sender))?.nonce ?? 0
                nonces[sender] = nonce + 1
                return Transaction.vouched(from: sender, nonce: nonce, chain: ledger.chain, action)
            }
            let block = LedgerBlock(
                context: BlockContext(
                    height: Height(height), epoch: Epoch((height - 1) / Self.epochBlocks), proposer: account(100),
                    time: height, parent: Digest(random.bytes32()), randomness: Digest(random.bytes32())),
                transactions: transactions, verdicts: verdicts)
            let outcome = try ledger.apply(block, to: state)
            let opens = height % Self.epochBlocks == 1
            try #require(try auditStep(outcome.changes, from: state, opensEpoch: opens) == [])
            state.commit(outcome)
            judgements = outcome.verdicts
            return outcome.receipts.map(\.outcome)
        }

        @discardableResult
        mutating func apply(_ action: Action, by sender: AccountID) throws -> Outcome? {
            try apply((action, by: sender)).first
        }

        mutating func rest(until last: UInt64) throws {
            while height < last { try apply() }
        }

        mutating func holdAll() throws {
            for shard in 0..<8 { try apply(.hold(object, shard: UInt8(shard)), by: holder(of: shard)) }
        }

        /// Everybody else says that a shard is gone, until nobody is heard any more.
        mutating func miss(_ shard: Int, by witnesses: [Int]) throws -> [Outcome?] {
            try witnesses.map { try apply(.miss(object, shard: UInt8(shard)), by: holder(of: $0)) }
        }
    }

    @Test(arguments: 0..<8 as Range<UInt64>)
    func twoOfEightThatAreGoneAreReplacedByOthers(seed: UInt64) throws {
        var town = try Town(seed: seed)
        let before = try town.stored()
        try #require(before.holders.count == 8)
        for shard in 0..<8 {
            #expect(try town.apply(.hold(town.object, shard: UInt8(shard)), by: town.holder(of: shard)) == .applied)
        }
        let (first, second) = (Int(seed % 8), Int((seed + 3) % 8))
        let others = (0..<8).filter { $0 != first && $0 != second }
        #expect(try town.miss(first, by: Array(others.prefix(4))) == [.applied, .applied, .applied, .applied])
        #expect(try town.stored().holders[first].isLost)
        #expect(try town.stored().live == 7)
        // One may be missing: nothing is done for it alone.
        try town.rest(until: town.height + 3)
        #expect(try town.stored().holders[first].isLost)
        _ = try town.miss(second, by: Array(others.suffix(4)))
        #expect(try town.stored().live == 6)
        try town.rest(until: town.height + 2)
        let after = try town.stored()
        #expect(after.live == 8)
        #expect(after.holders[first].isHolding == false && after.holders[second].isHolding == false)
        let fresh = [first, second].map { after.holders[$0].number }
        #expect(Set(fresh).isDisjoint(with: before.holders.map(\.number)))
        #expect(Set(after.holders.map(\.number)).count == 8)
        for shard in others { #expect(after.holders[shard].number == before.holders[shard].number) }
        // The old holders owe nothing and are owed nothing.
        for shard in [first, second] {
            let old = before.holders[shard]
            #expect(try town.state.load(.holdings(old.number))?.units == 0)
            #expect(try town.state.load(.shard(old.number, old.slot)) == nil)
        }
        #expect(audit(town.state.entries) == [])
    }

    @Test func onlyHoldersAreHeardAndNobodyTwice() throws {
        var town = try Town(seed: 1)
        let stranger = try #require(
            (1...Town.providers).map(Town.device).first { device in
                try !(0..<8).contains { try town.holder(of: $0) == device }
            })
        let left = try town.stored().left
        #expect(try town.apply(.hold(town.object, shard: 0), by: stranger) == .notAHolder)
        #expect(try town.apply(.miss(town.object, shard: 0), by: account(77)) == .notAHolder)
        #expect(try town.apply(.hold(town.object, shard: 1), by: town.holder(of: 0)) == .nothingNew)
        #expect(try town.apply(.miss(town.object, shard: 0), by: town.holder(of: 0)) == .nothingNew)
        #expect(try town.apply(.miss(town.object, shard: 8), by: town.holder(of: 0)) == .nothingNew)
        #expect(try town.stored().left == left, "what is not taken costs nothing")
        #expect(try town.miss(3, by: [0, 0]) == [.applied, .nothingNew])
        #expect(try town.stored().left.units == left.units - 1000)
    }

    /// Three of four enough: one whose word is too old does not make the fourth.
    @Test func whatWasSaidLongAgoDoesNotCount() throws {
        var town = try Town(seed: 2)
        try town.holdAll()
        _ = try town.miss(3, by: [0, 1, 2])
        try town.rest(until: town.height + 3 * Town.epochBlocks + 1)
        #expect(try town.miss(3, by: [4, 5, 6]) == [.applied, .applied, .applied])
        #expect(try town.stored().holders[3].isLost == false)
        #expect(try town.miss(3, by: [0]) == [.applied])
        #expect(try town.stored().holders[3].isLost)
    }

    /// Nobody came in its place: a round that it passes makes a holder count again, but none that began before the last word.
    @Test func whoShowsItsShardAfterwardsCountsAgain() throws {
        var town = try Town(seed: 3)
        try town.holdAll()
        let before = town.height
        _ = try town.miss(2, by: [0, 1, 4, 5])
        let lost = town.height
        try #require(try town.stored().holders[2].isLost)
        #expect(try town.apply(.miss(town.object, shard: 3), by: town.holder(of: 2)) == .notAHolder)
        #expect(try town.apply(.hold(town.object, shard: 2), by: town.holder(of: 2)) == .nothingNew)
        #expect(try town.show(2, begun: before) == .adopted)
        #expect(try town.stored().holders[2].isLost)
        #expect(try town.show(2, begun: lost + 1) == .adopted)
        let back = try town.stored()
        #expect(!back.holders[2].isLost && back.holders[2].missedBy.isEmpty && back.live == 8)
        // It is heard again, and may be lost again.
        #expect(try town.apply(.miss(town.object, shard: 3), by: town.holder(of: 2)) == .applied)
        #expect(try town.miss(2, by: [0, 1, 4, 5]) == [.applied, .applied, .applied, .applied])
        #expect(try town.stored().holders[2].isLost)
        #expect(audit(town.state.entries) == [])
    }

    /// What was lost before its holder ever said that it is there can still be had, and asked for.
    @Test func whoWasLostBeforeItHeldMaySayOnceThatItDoes() throws {
        var town = try Town(seed: 4)
        _ = try town.miss(2, by: [0, 1, 4, 5])
        #expect(try town.apply(.hold(town.object, shard: 2), by: town.holder(of: 2)) == .applied)
        let holder = try town.stored().holders[2]
        #expect(holder.isHolding && holder.isLost, "its own word is not enough")
        #expect(try town.apply(.hold(town.object, shard: 2), by: town.holder(of: 2)) == .nothingNew)
    }

    /// Three silent witnesses of seven are a fault or a doubt; two are neither, and a fault without its reason is none.
    @Test func aFaultAddsUpOrIsNotAdopted() throws {
        var town = try Town(seed: 5)
        try town.holdAll()
        let first = town.height + 1
        #expect(try town.show(0, begun: first, silent: 3, Reasons(.badLeaf)) == .wrongArithmetic)
        #expect(try town.show(0, begun: first + 1, silent: 3, Reasons(.deadline)) == .adopted)
        #expect(try town.show(0, begun: first + 2, silent: 3, Reasons(.deadline, .contained)) == .adopted)
        #expect(try town.show(0, begun: first + 3, silent: 2, Reasons(.contained)) == .wrongArithmetic)
        #expect(try town.fault(0, begun: first + 4, silent: 2, Reasons(.deadline)) == .wrongArithmetic)
        #expect(try town.fault(0, begun: first + 5, silent: 0, Reasons(.deadline)) == .wrongArithmetic)
    }

    /// Fewer holders than make the object cannot put one out, whatever they say and how often.
    @Test(arguments: 0..<4 as Range<UInt64>)
    func liarsAreTooFew(seed: UInt64) throws {
        var town = try Town(seed: seed)
        try town.holdAll()
        for _ in 0..<12 {
            _ = try town.miss(Int(seed), by: [4, 5, 6])
            try town.rest(until: town.height + 9)
        }
        #expect(try town.stored().live == 8)
    }

    /// Space is kept for who comes, not for who does not: three periods, and they are paid for.
    @Test func whatNobodyHoldsIsGivenUp() throws {
        var town = try Town(seed: 6)
        let (opened, before) = (try town.stored().opened.number, try town.stored())
        let balance = try #require(try town.state.load(.account(Town.owner))).balance.units
        try town.rest(until: opened + 2 + 3 * Town.epochBlocks - 1)
        _ = try town.stored()
        let burned = try #require(try town.state.load(.supply)).burned.units
        try town.rest(until: town.height + 1)
        #expect(try town.state.load(.object(town.object)) == nil)
        for holder in before.holders {
            #expect(try town.state.load(.holdings(holder.number))?.units == 0)
            #expect(try town.state.load(.heldSlots(holder.number, 0)) == nil)
        }
        let kept: UInt64 = 3 * 8 * 1000
        #expect(try #require(try town.state.load(.supply)).burned.units - burned == kept)
        #expect(try #require(try town.state.load(.account(Town.owner))).balance.units - balance == 1_000_000 - kept)
        #expect(audit(town.state.entries) == [])
    }

    @Test(arguments: [3, 4]) func whatCanBeMadeAnewStays(holding: Int) throws {
        var town = try Town(seed: 7)
        for shard in 0..<holding { try town.apply(.hold(town.object, shard: UInt8(shard)), by: town.holder(of: shard)) }
        try town.rest(until: town.height + 9 * Town.epochBlocks)
        #expect(try (town.state.load(.object(town.object)) != nil) == (holding == 4))
    }

    /// Closing at once does not make the space free of charge.
    @Test func whatIsClosedUnheldIsPaidFor() throws {
        var town = try Town(seed: 8)
        let balance = try #require(try town.state.load(.account(Town.owner))).balance.units
        try town.rest(until: 3 * Town.epochBlocks)
        try #require(try town.apply(.close(town.object), by: Town.owner) == .applied)
        try town.rest(until: 9 * Town.epochBlocks)
        #expect(try town.state.load(.object(town.object)) == nil)
        let back: UInt64 = try #require(try town.state.load(.account(Town.owner))).balance.units - balance
        let perEpoch: UInt64 = 8 * 1000
        // One fee, and an epoch at least and a grace at most.
        #expect(back < 1_000_000 - perEpoch && back >= 999_000 - 3 * perEpoch, "\(back)")
        #expect(audit(town.state.entries) == [])
    }

    /// With nobody to take a lost shard over, looking goes on for as long as somebody pays for it.
    @Test func lookingForOthersIsPaidFor() throws {
        var town = try Town(seed: 9, providers: 8, deposit: 8 * 1000 + 8 * 1000 + 9 * 1000)
        try town.holdAll()
        _ = try town.miss(0, by: [1, 2, 3, 4])
        _ = try town.miss(5, by: [1, 2, 3, 4])
        #expect(try town.stored().live == 6)
        // 25,000 less 16 words of 1,000 are 9,000: eight looks, and one unit at least stays.
        try town.rest(until: town.height + 20 * Town.epochBlocks)
        #expect(try town.stored().left.units == 1000)
        #expect(try town.stored().live == 6)
        try town.apply(.topUp(town.object, with: Amount(units: 2000)), by: Town.owner)
        try town.rest(until: town.height + 20 * Town.epochBlocks)
        #expect(try town.stored().left.units == 1000, "it is looked again, twice")
        #expect(audit(town.state.entries) == [])
    }
}
