import CairnBase
import CairnCrypto
import CairnStorage
import CairnWire
import Testing

/// Holders of one object, with a chain that counts words as the ledger does: who is silent or lies is replaced, what changed is
/// made anew, and who is honest is left alone.
@Suite struct CustodyTests {
    private static let (needed, total, grace): (Int, Int, UInt64) = (4, 8, 40)

    /// One node: its core, and what is on its disk.
    private struct Node {
        let id: NodeID
        var core: Custody<Blake2b>
        var pieces: Set<Digest> = []
        var list: PieceList?
        /// Gone: it hears and says nothing.
        var isDead = false
        /// Shows nothing of what it says it has.
        var isLiar = false
    }

    private struct Town {
        var nodes: [Node]
        var holders: [Int]
        var isHolding: [Bool]
        var isLost: [Bool]
        var words: [[Int: UInt64]]
        let names: [PieceName]
        let list: PieceList
        let code: ErasureCode
        var height: UInt64 = 1
        var made: [Int] = []
        /// When what was asked at one block is answered.
        var later: [(at: UInt64, node: Int, CustodyInput)] = []
        var random: SeededRandom

        init(seed: UInt64, nodes count: Int, misled: Int = 0) throws {
            random = SeededRandom(seed: seed)
            code = try #require(ErasureCode(needed: needed, total: total))
            var names: [PieceName] = []
            for _ in 0..<total {
                var writer = ByteWriter()
                for _ in 0..<4 { writer.u64(random.next()) }
                let root = try #require(Bytes32(writer.bytes))
                names.append(try #require(PieceName(root: Digest(root), units: 1)))
            }
            self.names = names
            list = try #require(PieceList(names.map(\.root)))
            nodes = try (0..<count).map { number in
                let id = NodeID(try #require(Bytes32([UInt8](repeating: UInt8(number + 1), count: 32))))
                return Node(id: id, core: Custody(seed: seed &+ UInt64(number), hash: Blake2b()))
            }
            holders = Array(0..<total)
            (isHolding, isLost) = (holders.map { _ in false }, holders.map { _ in false })
            words = holders.map { _ in [:] }
            // The owner brings the pieces, except one that is left to its holder.
            for shard in 0..<(total - 1) { nodes[shard].pieces.insert(names[shard].root) }
            for shard in 0..<total { nodes[shard].list = list }
            let other = try #require(PieceList([Digest](repeating: .zero, count: total)))
            for shard in 0..<misled { nodes[shard].list = other }
            for number in nodes.indices { tell(number) }
        }

        private func duties(of number: Int) -> [Duty] {
            guard let own = holders.firstIndex(of: number), !isLost[own] else { return [] }
            let all = holders.indices.map { shard in
                Duty.Holder(
                    node: nodes[holders[shard]].id, isHolding: isHolding[shard], isLost: isLost[shard],
                    isMissedByUs: words[shard][own].map { $0 + grace >= height } ?? false)
            }
            return [
                Duty(
                    object: .zero, root: list.root(using: Blake2b()), code: code, units: 1, own: own, holders: all,
                    grace: grace)
            ].compactMap(\.self)
        }

        private mutating func tell(_ number: Int) { give(number, .duties(duties(of: number))) }

        mutating func run(_ blocks: UInt64) {
            for _ in 0..<blocks {
                height += 1
                let due = later.filter { $0.at <= height }
                later.removeAll { $0.at <= height }
                for answer in due { give(answer.node, answer.2) }
                for number in nodes.indices { give(number, .block(Height(height))) }
            }
        }

        /// A scrub finds that a piece has changed.
        mutating func damage(_ shard: Int) {
            nodes[shard].pieces.remove(names[shard].root)
            give(shard, .damaged(names[shard].root))
        }

        private mutating func give(_ number: Int, _ input: CustodyInput) {
            guard !nodes[number].isDead else { return }
            var effects: [CustodyEffect] = []
            nodes[number].core.handle(input, at: .origin, into: &effects)
            for effect in effects { carryOut(effect, of: number) }
        }

        private mutating func answer(_ number: Int, _ input: CustodyInput) {
            later.append((height + 1 + random.below(3), number, input))
        }

        private mutating func carryOut(_ effect: CustodyEffect, of number: Int) {
            switch effect {
            case .look(let root): answer(number, .list(nodes[number].list, root: root))
            case .askList(let root, let node):
                let other = nodes.first { $0.id == node }
                if let other, !other.isDead { answer(number, .list(other.list, root: root)) }
            case .check(let name, _):
                answer(number, .checked(name, isThere: nodes[number].pieces.contains(name.root)))
            case .probe(let name, let object, let shard, let node, _):
                let other = nodes.first { $0.id == node }
                let isGood = other.map { !$0.isDead && !$0.isLiar && $0.pieces.contains(name.root) } ?? false
                answer(number, .probed(object: object, shard: shard, of: node, isGood: isGood))
            case .make(let making): make(making, number)
            case .hold(_, let shard):
                guard holders[shard] == number, !isHolding[shard] else { break }
                isHolding[shard] = true
                for other in nodes.indices { tell(other) }
            case .miss(_, let shard): hear(number, shard)
            case .settle(let roots): if roots.isEmpty { nodes[number].pieces = [] }
            }
        }

        private mutating func make(_ making: Making, _ number: Int) {
            let found = making.sources.count { source in
                nodes.contains {
                    $0.id == source.node && !$0.isDead && !$0.isLiar && $0.pieces.contains(source.name.root)
                }
            }
            let isDone = found >= making.code.needed
            if isDone {
                nodes[number].pieces.insert(making.name.root)
                nodes[number].list = list
                made.append(making.own)
            }
            answer(number, .made(making.name, isDone: isDone))
        }

        private mutating func hear(_ number: Int, _ shard: Int) {
            guard let own = holders.firstIndex(of: number), !isLost[own], !isLost[shard] else { return }
            words[shard][own] = height
            isLost[shard] = words[shard].count { $0.value + grace >= height } >= needed
            if isLost.count(where: { !$0 }) <= 6 {
                for lost in holders.indices where isLost[lost] {
                    guard
                        let fresh = nodes.indices.first(where: {
                            !holders.contains($0) && !nodes[$0].isDead && !nodes[$0].isLiar
                        })
                    else {
                        break
                    }
                    holders[lost] = fresh
                    (isHolding[lost], isLost[lost], words[lost]) = (false, false, [:])
                }
            }
            for other in nodes.indices { tell(other) }
        }
    }

    @Test(arguments: 0..<10 as Range<UInt64>)
    func twoOfEightThatDieAreReplaced(seed: UInt64) throws {
        var town = try Town(seed: seed, nodes: 11)
        town.run(30)
        #expect(town.isHolding == [Bool](repeating: true, count: 8))
        #expect(town.made == [7], "the owner left one to its holder")
        let (first, second) = (Int(seed % 8), Int((seed + 3) % 8))
        town.nodes[first].isDead = true
        town.nodes[second].isDead = true
        town.run(4 * Self.grace)
        #expect(town.isHolding == [Bool](repeating: true, count: 8))
        #expect(town.isLost == [Bool](repeating: false, count: 8))
        #expect(Set(town.made.dropFirst()) == [first, second])
        #expect(!town.holders.contains(first) && !town.holders.contains(second))
    }

    @Test(arguments: 0..<10 as Range<UInt64>)
    func whoShowsNothingOfWhatItSaysIsReplaced(seed: UInt64) throws {
        var town = try Town(seed: seed, nodes: 11)
        town.run(30)
        let liars = [Int(seed % 8), Int((seed + 5) % 8)]
        for liar in liars { town.nodes[liar].isLiar = true }
        town.run(4 * Self.grace)
        #expect(Set(town.made.dropFirst()) == Set(liars))
        #expect(Set(town.holders).isDisjoint(with: liars))
        #expect(town.nodes[liars[0]].pieces.isEmpty, "what it holds no more it lets go of")
    }

    @Test(arguments: 0..<10 as Range<UInt64>)
    func aChangedPieceIsMadeAnewAndNobodyIsReplaced(seed: UInt64) throws {
        var town = try Town(seed: seed, nodes: 11)
        town.run(30)
        let shard = Int(seed % 8)
        let root = town.names[shard].root
        town.damage(shard)
        town.run(4 * Self.grace)
        #expect(town.nodes[shard].pieces.contains(root))
        #expect(town.holders == Array(0..<8) && town.isLost == [Bool](repeating: false, count: 8))
        #expect(town.nodes[shard].core.counters.damaged == 1)
    }

    @Test func listsThatAreNotTheChainsAreRefused() throws {
        var town = try Town(seed: 1, nodes: 11, misled: 4)
        town.run(90)
        #expect(town.nodes[0].core.counters.refused > 0)
        #expect(town.isHolding == [Bool](repeating: true, count: 8), "others have the true one")
    }

    @Test func aShownPieceIsTheNamedOne() throws {
        let bytes = (0..<(2 << 20)).map { UInt8(truncatingIfNeeded: $0 >> 7 ^ $0) }
        let tree = try #require(StorageUnits.tree(bytes, using: Blake2b()))
        let name = try #require(PieceName(root: tree.root, units: 2))
        let start = tree.root
        let leaves = try HotRound.places(from: start, shardUnits: 2, using: Blake2b()).map { place in
            let first = Int(place) << 10
            return HotAnswer.Leaf(
                bytes: Array(bytes[first..<(first + 1024)]), path: try #require(tree.path(to: Int(place))))
        }
        #expect(HotAnswer(leaves).shows(name, from: start, using: Blake2b()))
        #expect(!HotAnswer(leaves).shows(name, from: .zero, using: Blake2b()), "other leaves were asked for")
        #expect(!HotAnswer(Array(leaves.dropLast())).shows(name, from: start, using: Blake2b()))
        let changed = HotAnswer.Leaf(bytes: [UInt8](repeating: 0, count: 1024), path: leaves[0].path)
        #expect(!HotAnswer([changed] + leaves.dropFirst()).shows(name, from: start, using: Blake2b()))
        let encoded = HotAnswer(leaves).encoded
        #expect(try HotAnswer.decode(encoded, limit: encoded.count) == HotAnswer(leaves))
    }
}
