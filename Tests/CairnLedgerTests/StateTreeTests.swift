import CairnBase
import CairnCrypto
import CairnLedger
import CairnWire
import Testing

@Suite struct StateTreeTests {
    let tree = StateTree(Blake2b())

    @Test func anEmptyStateHasTheZeroRoot() throws {
        #expect(MemoryState().root == .zero)
        #expect(try tree.apply([], to: MemoryState()).root == .zero)
    }

    /// Random insertions, changes and removals, in blocks of random size, against a tree built anew each time.
    @Test(arguments: 0..<6 as Range<UInt64>)
    func agreesWithTheDefinition(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var state = MemoryState()
        var model: [UInt64: [UInt8]] = [:]
        let keys = [4, 40, 400, 1500, 40, 400][Int(seed)] as UInt64
        for _ in 0..<25 {
            var changes: [UInt64: [UInt8]?] = [:]
            for _ in 0..<(1 + random.below(keys / 2)) {
                let isRemoval = random.chance(ppm: seed < 4 ? 300_000 : 600_000)
                changes[random.below(keys)] = .some(isRemoval ? nil : [UInt8(random.below(4))])
            }
            try commit(changes, to: &state)
            for (number, value) in changes { model[number] = value }
            #expect(state.root == DefinedRoot.of(model))
            #expect(state.tree.count == model.values.count)
            try expectBuckets(of: state)
        }
    }

    /// Everything in at once, one by one, backwards, and after a detour through other entries: one root.
    @Test func theRootForgetsHowItCameAbout() throws {
        let all = (0..<300 as Range<UInt64>).map { ($0, [UInt8($0 & 7)]) }
        var atOnce = MemoryState()
        try commit(Dictionary(uniqueKeysWithValues: all), to: &atOnce)
        var forward = MemoryState()
        for (number, value) in all { try commit([number: value], to: &forward) }
        var detour = MemoryState()
        for (number, _) in all { try commit([number + 1000: [9]], to: &detour) }
        for (number, value) in all.reversed() { try commit([number: value, number + 1000: nil], to: &detour) }
        #expect(forward.root == atOnce.root)
        #expect(detour.root == atOnce.root)
        for (number, _) in all { try commit([number: nil], to: &forward) }
        #expect(forward.root == .zero)
    }

    /// A tree that was built in one go lies otherwise than one that grew; what a block does to one it does to the other.
    @Test(arguments: 0..<4 as Range<UInt64>)
    func anUpdateFitsEveryEqualTree(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var grown = try filled(40)
        for number in 10..<35 as Range<UInt64> { try commit([number: nil], to: &grown) }
        for number in 50..<90 as Range<UInt64> { try commit([number: [2]], to: &grown) }
        var entries = grown.entries.map { change in
            TreeEntry(leaf: tree.leaf(at: tree.path(of: change.key), change.value ?? []), value: change.value ?? [])
        }
        entries.sort { $0.leaf.path > $1.leaf.path }
        var built = tree.build(room: .max) { entries.popLast() }
        #expect(built == grown.tree)
        for _ in 0..<30 {
            let changes = (0..<(1 + random.below(12))).map { _ in
                StateChange(key: key(random.below(120)), value: random.chance(ppm: 500_000) ? nil : [3])
            }
            let last = Dictionary(changes.map { ($0.key, $0) }) { $1 }.values.sorted { $0.key < $1.key }
            let update = try tree.apply(last, to: grown)
            grown.commit(BlockOutcome(receipts: [], changes: last, tree: update))
            built.take(update)
            #expect(built == grown.tree && built.held == grown.tree.held)
            var rest: [TreePath] = []
            built.forEachBucket { place, _ in rest.append(place) }
            grown.tree.forEachBucket { place, branch in
                #expect(rest.removeFirst() == place)
                #expect(built.bucket(of: built.end(of: place.prefix).branch) == grown.tree.bucket(of: branch))
            }
            #expect(rest.isEmpty)
        }
    }

    /// A damaged database may hand out a row twice or in the wrong order: that is another hash, and never no end.
    @Test func entriesThatLieWrongAreHashedToTheEnd() throws {
        let entries = (0..<2 as Range<UInt64>).map { number in
            TreeEntry(leaf: tree.leaf(at: tree.path(of: key(number)), [7]), value: [7])
        }.sorted { $0.leaf.path < $1.leaf.path }
        let right = tree.hash(of: TreeBucket(entries[...]), at: 0)
        #expect(right == (try filled(2)).root)
        for wrong in [entries.reversed(), [entries[0], entries[0], entries[1]], [entries[0], entries[0]]] {
            #expect(tree.hash(of: TreeBucket(wrong[...]), at: 0) != right)
        }
        let twice = (0..<20).map { _ in StateChange(key: key(1), value: [7]) }
        #expect(try tree.apply(twice, to: MemoryState()).root != tree.apply([twice[0]], to: MemoryState()).root)
    }

    /// The same in every process, whatever its hash seeds.
    @Test func theRootIsPinned() throws {
        var state = MemoryState()
        try commit(Dictionary(uniqueKeysWithValues: (0..<1000).map { (UInt64($0), [UInt8($0 & 255)]) }), to: &state)
        #expect(state.root.description == "5cc5c6f9e2373f16de266ca264f5ab918e8a9885b063802f745cfc2461600e19")
    }

    @Test(arguments: [1, 2, 33, 1000] as [UInt64])
    func proofsShowWhatIsThereAndWhatIsNot(count: UInt64) throws {
        let state = try filled(count)
        for number in stride(from: 0, to: count, by: Int(1 + count / 40)) {
            let proof = try tree.proof(of: key(number), in: state)
            #expect(proof.shows([7], under: key(number), in: state.root, using: Blake2b()))
            #expect(!proof.shows([8], under: key(number), in: state.root, using: Blake2b()))
            #expect(!proof.shows(nil, under: key(number), in: state.root, using: Blake2b()))
            #expect(!proof.shows([7], under: key(number + count), in: state.root, using: Blake2b()))
            let absent = try tree.proof(of: key(number + count), in: state)
            #expect(absent.shows(nil, under: key(number + count), in: state.root, using: Blake2b()))
            #expect(!absent.shows([7], under: key(number + count), in: state.root, using: Blake2b()))
            #expect(!absent.shows(nil, under: key(number), in: state.root, using: Blake2b()))
        }
    }

    @Test func nothingIsInAnEmptyState() throws {
        let proof = try tree.proof(of: key(1), in: MemoryState())
        #expect(proof.encoded.count == 3)
        #expect(proof.shows(nil, under: key(1), in: .zero, using: Blake2b()))
    }

    /// Every bit of a proof matters: flipped, it no longer decodes or no longer shows anything.
    @Test(arguments: [true, false])
    func anAlteredProofShowsNothing(isPresent: Bool) throws {
        let state = try filled(500)
        let (wanted, value) = isPresent ? (key(17), [7] as [UInt8]?) : (key(700), nil)
        let bytes = try tree.proof(of: wanted, in: state).encoded
        #expect(try StateProof.decode(bytes, limit: StateProof.byteCountMax).encoded == bytes)
        for bit in 0..<(bytes.count * 8) {
            var altered = bytes
            altered[bit / 8] ^= 1 << UInt8(bit % 8)
            guard let proof = try? StateProof.decode(altered, limit: StateProof.byteCountMax) else { continue }
            #expect(!proof.shows(value, under: wanted, in: state.root, using: Blake2b()), "bit \(bit)")
        }
        for count in bytes.indices {
            #expect(throws: DecodeError.self) {
                try StateProof.decode(Array(bytes[..<count]), limit: StateProof.byteCountMax)
            }
        }
    }

    /// Two kilobytes are enough for one entry among a million; here a tenth of that, the rest by the tree's logarithm.
    @Test func proofsAreShort() throws {
        let state = try filled(20_000)
        var longest = 0
        for number in stride(from: 0, to: 40_000, by: 400) as StrideTo<UInt64> {
            longest = max(longest, try tree.proof(of: key(number), in: state).encoded.count)
        }
        #expect(longest < 1000)
    }

    private func filled(_ count: UInt64) throws -> MemoryState {
        var state = MemoryState()
        try commit(Dictionary(uniqueKeysWithValues: (0..<count).map { ($0, [7]) }), to: &state)
        return state
    }

    private func commit(_ changes: [UInt64: [UInt8]?], to state: inout MemoryState) throws {
        let changes = changes.map { StateChange(key: key($0.key), value: $0.value) }
        state.commit(BlockOutcome(receipts: [], changes: changes, tree: try tree.apply(changes, to: state)))
    }

    /// Every bucket of the tree is where its paths end, and holds what its hash says.
    private func expectBuckets(of state: MemoryState) throws {
        var (count, held) = (0, 0)
        var (paths, places): ([Digest], [TreePath]) = ([], [])
        try state.tree.forEachBucket { place, branch in
            let bucket = try #require(state.tree.bucket(of: branch))
            count += bucket.count
            held += bucket.byteCount
            #expect(
                tree.hash(of: bucket, at: place.depth) == branch.subtree.hash && bucket.count == branch.subtree.count)
            for index in 0..<bucket.count {
                let leaf = bucket.leaf(at: index)
                #expect(state.tree.end(of: leaf.path).branch == branch && place.holds(leaf.path))
                paths.append(leaf.path)
                places.append(place)
                #expect(tree.leaf(at: leaf.path, Array(bucket.value(at: index))) == leaf)
            }
        }
        #expect(count == state.tree.count && held == state.tree.held)
        #expect(zip(paths, state.tree.ends(of: paths)).map { TreePath($0, depth: $1.depth) } == places)
    }
}

/// The definition of a root, word for word, with strings of bits: slow and obvious.
private enum DefinedRoot {
    static func of(_ entries: [UInt64: [UInt8]]) -> Digest {
        let hash = Blake2b()
        let leaves = entries.map { number, value in
            let name = hash.digest(DomainTag("cn/state.key"), key(number).bytes)
            let path = key(number).bytes.prefix(1) + name.raw.bytes.prefix(31)
            let content = hash.digest(DomainTag("cn/state.value"), value)
            let bits = path.flatMap { byte in (0..<8).map { byte >> UInt8(7 - $0) & 1 } }
            return (bits, hash.digest(DomainTag("cn/state.leaf"), path + content.raw.bytes))
        }
        return subtree(leaves, 0)
    }

    private static func subtree(_ leaves: [(bits: [UInt8], hash: Digest)], _ depth: Int) -> Digest {
        if leaves.count < 2 { return leaves.first?.hash ?? .zero }
        let left = subtree(leaves.filter { $0.bits[depth] == 0 }, depth + 1)
        let right = subtree(leaves.filter { $0.bits[depth] == 1 }, depth + 1)
        return Blake2b().digest(DomainTag("cn/state.node"), left.raw.bytes + right.raw.bytes)
    }
}
