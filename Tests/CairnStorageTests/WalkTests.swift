import CairnBase
import CairnCrypto
import CairnStorage
import CairnWire
import Testing

/// A provider's partition in memory, with everything it needs to answer.
private struct Provider {
    let hash = Blake2b()
    let sealing: Sealing<Blake2b>
    var partition: PackedPartition
    /// Packed units by place.
    var units: [[UInt8]]
    let shard: [UInt8]
    let shardTree: MerkleList

    static func identity(_ byte: UInt8) -> Bytes32 { Bytes32([UInt8](repeating: byte, count: 32)) ?? .zero }

    /// Four places of filler, then a shard of two units at the lowest two; one pass, so that tests are quick.
    init() throws {
        let pad = try #require(Pad(passes: 1))
        sealing = Sealing(
            chain: ChainID(Self.identity(1)), provider: Digest(Self.identity(2)), pad: pad, using: hash)
        let filler = PlacedUnit.fillerRoot(chain: sealing.chain, provider: sealing.provider, partition: 7, using: hash)
        let zeros = [UInt8](repeating: 0, count: StorageUnits.unitBytes)
        units = []
        for place in 0..<4 {
            units.append(try #require(sealing.seal(zeros, as: PlacedUnit(shardRoot: filler, unit: UInt32(place)))))
        }
        let roots = try units.map { try Self.root($0) }
        partition = try #require(PackedPartition(number: 7, fillerRoot: filler, fillerUnitRoots: roots))
        shard = (0..<(2 * StorageUnits.unitBytes)).map { UInt8(truncatingIfNeeded: $0 ^ ($0 >> 8)) }
        let tree = StorageUnits.tree(shard, using: hash)
        let shardTree = try #require(tree)
        self.shardTree = shardTree
        for unit in 0..<2 {
            let placed = PlacedUnit(shardRoot: shardTree.root, unit: UInt32(unit))
            let raw = Array(shard[(unit * StorageUnits.unitBytes)..<((unit + 1) * StorageUnits.unitBytes)])
            let packed = try #require(sealing.seal(raw, as: placed))
            let place = try #require(partition.place(placed, packedRoot: try Self.root(packed)))
            units[place] = packed
        }
    }

    static func root(_ packed: [UInt8]) throws -> Digest {
        let tree = StorageUnits.tree(packed, using: Blake2b())
        return try #require(tree).root
    }

    func bytes(at place: UInt64) -> [UInt8] {
        let first = Int(place % 1024) * StorageUnits.leafBytes
        return Array(units[Int(place / 1024)][first..<(first + StorageUnits.leafBytes)])
    }

    func leaf(at place: UInt64) throws -> PackedLeaf {
        let tree = StorageUnits.tree(units[Int(place / 1024)], using: hash)
        return PackedLeaf(
            place: place, bytes: bytes(at: place),
            unitPath: try #require(tree?.path(to: Int(place % 1024))),
            partitionPath: try #require(partition.packedTree(using: hash).path(to: Int(place / 1024))))
    }

    func answer(_ question: WalkQuestion, steps: Int) throws -> (WalkAnswer, last: Digest) {
        var walk = try #require(Walk(from: question.start(using: hash), leaves: 4096))
        var leaves: [PackedLeaf] = []
        for _ in 0..<steps {
            leaves.append(try leaf(at: walk.place))
            let went = walk.step(over: bytes(at: walk.place), using: hash)
            #expect(went)
        }
        return (WalkAnswer(leaves: leaves), walk.digest)
    }

    func fullCheck(at place: UInt64) throws -> FullCheck {
        let unit = Int(place / 1024)
        let placed = partition.placed[unit]
        let isFiller = placed.shardRoot != shardTree.root
        let rawIndex = Int(placed.unit) * 1024 + Int(place % 1024)
        return FullCheck(
            placed: placed, manifestPath: try #require(partition.manifestTree(using: hash).path(to: unit)),
            leaf: try leaf(at: place),
            rawPath: isFiller ? MerklePath(siblings: []) : try #require(shardTree.path(to: rawIndex)))
    }
}

@Suite struct WalkTests {
    private let hash = Blake2b()
    private let question = WalkQuestion(
        chain: ChainID(Provider.identity(1)), challenge: Digest(Provider.identity(3)),
        provider: Digest(Provider.identity(2)), partition: 7, witness: Digest(Provider.identity(4)),
        nonce: Provider.identity(5))

    @Test func anHonestWalkIsTakenAndEveryAlterationIsNamed() throws {
        let provider = try Provider()
        let roots = try #require(provider.partition.roots(using: hash))
        let (answer, last) = try provider.answer(question, steps: 6)
        func fault(_ answer: WalkAnswer, _ last: Digest, steps: Int = 6) -> WalkAnswer.Fault? {
            answer.fault(answering: question, steps: steps, partition: roots, last: last, using: hash)
        }
        #expect(fault(answer, last) == nil)
        #expect(fault(answer, last, steps: 7) == .steps(want: 7, have: 6))
        #expect(fault(answer, Digest(Provider.identity(9))) == .end)

        var swapped = answer.leaves
        swapped.swapAt(1, 2)
        #expect(fault(WalkAnswer(leaves: swapped), last) == .place(step: 1))

        for step in 0..<6 {
            var leaves = answer.leaves
            var bytes = leaves[step].bytes
            bytes[step * 100] ^= 1
            leaves[step] = PackedLeaf(
                place: leaves[step].place, bytes: bytes, unitPath: leaves[step].unitPath,
                partitionPath: leaves[step].partitionPath)
            #expect(fault(WalkAnswer(leaves: leaves), last) == .path(step: step))
        }
        let bytes = answer.encoded
        #expect(bytes.count == 6 * (8 + 1024 + 10 * 32 + 2 * 32))
        let decoded = try WalkAnswer.decode(bytes, steps: 6, height: 2)
        #expect(decoded == answer)
        #expect(throws: DecodeError.self) { try WalkAnswer.decode(bytes, steps: 5, height: 2) }
        #expect(throws: DecodeError.self) { try WalkAnswer.decode(bytes, steps: 7, height: 2) }
    }

    @Test func anotherNonceIsAnotherWalk() throws {
        let provider = try Provider()
        let other = WalkQuestion(
            chain: question.chain, challenge: question.challenge, provider: question.provider, partition: 7,
            witness: question.witness, nonce: Provider.identity(6))
        let places = try provider.answer(question, steps: 8).0.leaves.map(\.place)
        #expect(try provider.answer(other, steps: 8).0.leaves.map(\.place) != places)
    }

    @Test func fullChecksTellShardFillerAndFraud() throws {
        let provider = try Provider()
        let roots = try #require(provider.partition.roots(using: hash))
        func fault(_ check: FullCheck, at place: UInt64, units: UInt32 = 2) -> FullCheck.Fault? {
            check.fault(at: place, in: roots, number: 7, shardUnits: units, sealing: provider.sealing)
        }
        for place in [UInt64(0), 1023, 1024, 2047, 2048, 4095] {
            let check = try provider.fullCheck(at: place)
            #expect(fault(check, at: place) == nil)
            #expect(fault(check, at: place ^ 1) == .place)
            #expect(try FullCheck.decode(check.encoded, height: 2) == check)
        }
        let first = try provider.fullCheck(at: 5)
        #expect(fault(first, at: 5, units: 3) == .content)
        let elsewhere = FullCheck(
            placed: PlacedUnit(shardRoot: first.placed.shardRoot, unit: 1), manifestPath: first.manifestPath,
            leaf: first.leaf, rawPath: first.rawPath)
        #expect(fault(elsewhere, at: 5) == .manifest)
    }

    /// The bytes of the shard are packed under the right mask but with one wrong raw leaf: only a full check sees it.
    @Test func aUnitSealedFromOtherBytesFailsItsFullCheckOnly() throws {
        var provider = try Provider()
        var raw = Array(provider.shard[0..<StorageUnits.unitBytes])
        raw[10 * StorageUnits.leafBytes] ^= 1
        let placed = PlacedUnit(shardRoot: provider.shardTree.root, unit: 0)
        let packed = try #require(provider.sealing.seal(raw, as: placed))
        let cleared = provider.partition.clear(0, packedRoot: .zero)
        let place = provider.partition.place(placed, packedRoot: try Provider.root(packed))
        #expect(cleared && place == 0)
        provider.units[0] = packed
        let roots = try #require(provider.partition.roots(using: hash))
        let (answer, last) = try provider.answer(question, steps: 6)
        #expect(answer.fault(answering: question, steps: 6, partition: roots, last: last, using: hash) == nil)
        func fault(_ place: UInt64) throws -> FullCheck.Fault? {
            try provider.fullCheck(at: place).fault(
                at: place, in: roots, number: 7, shardUnits: 2, sealing: provider.sealing)
        }
        #expect(try fault(10) == .content)
        #expect(try fault(11) == nil)
    }

    @Test func termsHoldOnlyTogether() {
        #expect(WalkTerms.testnet.hold(units: 64))
        #expect(!WalkTerms.testnet.hold(units: 32))
        #expect(WalkTerms.solidState.hold(units: 1024))
        #expect(WalkTerms.spinning.hold(units: 1024))
        #expect(!WalkTerms(steps: 64, deadline: .milliseconds(1_400), passes: 4).hold(units: 64))
        #expect(!WalkTerms(steps: 0, deadline: .seconds(1), passes: 48).hold(units: 64))
        #expect(WalkTerms(steps: .max, deadline: .seconds(1), passes: .max).hold(units: .max) == false)
    }

    @Test func aDelayedPingBuysNoTime() {
        let terms = WalkTerms.testnet
        #expect(terms.allowed(smallestRoundTrip: .milliseconds(5), distanceMetres: 500_000) == .milliseconds(1_405))
        #expect(terms.allowed(smallestRoundTrip: .seconds(2), distanceMetres: 500_000) == .milliseconds(1_430))
        #expect(terms.allowed(smallestRoundTrip: nil, distanceMetres: .max) == .milliseconds(1_700))
    }
}
