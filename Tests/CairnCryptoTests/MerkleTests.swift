import CairnBase
import CairnCrypto
import Testing

@Suite struct MerkleTests {
    private let hash = Blake2b()

    private func leaves(_ count: Int) -> [Digest] {
        (0..<count).map { MerkleList.leaf([UInt8(truncatingIfNeeded: $0)].span.bytes, using: hash) }
    }

    /// The definition, by recursion: the left part holds the largest power of two below the count.
    private func top(_ leaves: ArraySlice<Digest>) -> Digest {
        guard let first = leaves.first else { return .zero }
        guard leaves.count > 1 else { return first }
        var split = 1
        while split * 2 < leaves.count { split *= 2 }
        let (left, right) = (top(leaves.prefix(split)), top(leaves.dropFirst(split)))
        return hash.digest(DomainTag("cn/node"), left.raw.bytes + right.raw.bytes)
    }

    private func root(_ leaves: [Digest]) -> Digest {
        let count = (0..<8).map { UInt8(truncatingIfNeeded: leaves.count >> (8 * $0)) }
        return hash.digest(DomainTag("cn/root"), count + top(leaves[...]).raw.bytes)
    }

    @Test func rootsOfTheProtocolsVectors() {
        let expected = [
            "ac00fd0d7ae4aa63b95f37e5dec1123f64d77960411a000f4b2657c67b176cc6",
            "b16be1744b2aba1e4d75c69a65b4d5da26f6bf70a7702135387fe34e399b611a",
            "8296cc44a0419773f51cdd511c25d8a7a46e0d5c507f0a6580c6794df27eb543",
        ]
        for (index, root) in expected.enumerated() {
            #expect(MerkleList(leaves: leaves(index + 1), using: hash).root.description == root)
        }
    }

    @Test func everyPathShowsItsLeafAndNothingElse() throws {
        for count in 0...67 {
            let leaves = leaves(count)
            let list = MerkleList(leaves: leaves, using: hash)
            #expect(list.root == root(leaves))
            for (index, leaf) in leaves.enumerated() {
                let path = try #require(list.path(to: index))
                func shows(_ leaf: Digest, _ index: Int, _ count: Int, _ path: MerklePath) -> Bool {
                    path.shows(leaf, at: UInt64(index), of: UInt64(count), in: list.root, using: hash)
                }
                #expect(shows(leaf, index, count, path))
                #expect(!shows(hash.digest(DomainTag("x"), []), index, count, path))
                #expect(!shows(leaf, index, count + 1, path))
                #expect(!shows(leaf, (index + 1) % count, count, path) || count == 1)
                #expect(!shows(leaf, index, count, MerklePath(siblings: path.siblings + [leaf])))
                if !path.siblings.isEmpty {
                    #expect(!shows(leaf, index, count, MerklePath(siblings: Array(path.siblings.dropLast()))))
                }
            }
            #expect(list.path(to: count) == nil)
            #expect(list.path(to: -1) == nil)
        }
    }

    @Test func leavesOneByOneGiveTheRootOfTheList() {
        var stack = MerkleStack()
        for count in 0...130 {
            #expect(stack.root(using: hash) == MerkleList(leaves: leaves(count), using: hash).root)
            stack.append(MerkleList.leaf([UInt8(truncatingIfNeeded: count)].span.bytes, using: hash), using: hash)
        }
    }
}
