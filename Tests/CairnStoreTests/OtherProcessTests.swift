import CairnBase
import CairnCrypto
import CairnLedger
import CairnStore
import CairnWire
import Testing

/// The root follows from the blocks, whatever seeds a process hashes its dictionaries with, however its store writes,
/// and in whatever order the entries came into the tree.
@Suite struct OtherProcessTests {
    @Test func rootsAreEqualInOtherProcesses() async throws {
        var seen: [String] = []
        var roots: [String] = []
        for round in 0..<3 as Range<UInt64> {
            let result = await #expect(
                processExitsWith: .success, observing: [\.standardOutputContent]
            ) { [round = round as UInt64] in
                print("root \(try Self.root(round)) seed \("cairn".hashValue)")
            }
            let output = String(decoding: try #require(result).standardOutputContent, as: UTF8.self)
            let words = try #require(output.split(separator: "\n").first { $0.hasPrefix("root ") }).split(
                separator: " ")
            roots.append(String(words[1]))
            seen.append(String(words[3]))
        }
        let expected = try #require(SampleChain(blocks: 12).steps.last).outcome.root.description
        #expect(roots == [expected, expected, expected])
        #expect(Set(seen).count > 1, "all processes had one hash seed: \(seen)")
    }

    /// The root after twelve blocks, by a store with other limits each time, and once more from the entries in
    /// another order and in other portions.
    private static func root(_ round: UInt64) throws -> Digest {
        let chain = try SampleChain(blocks: 12)
        let directory = try TestDirectory()
        var limits = Limits.Store()
        limits.changesAtOnce = Int(round) * 4
        limits.pendingBlocks = 2 + Int(round)
        limits.stateCache = Int(round) << 11
        try chain.fill(directory, limits)
        let head = try #require(try ChainStore(directory: directory.path).head)
        let tree = StateTree(Blake2b())
        var random = SeededRandom(seed: round)
        var entries = try #require(chain.steps.last).state.entries
        for index in entries.indices.reversed() {
            entries.swapAt(index, Int(random.below(UInt64(index + 1))))
        }
        var state = MemoryState()
        while !entries.isEmpty {
            let portion = Array(entries.suffix(1 + Int(random.below(9))))
            entries.removeLast(portion.count)
            state.commit(BlockOutcome(receipts: [], changes: portion, tree: try tree.apply(portion, to: state)))
        }
        try #require(state.root == head.root)
        return head.root
    }
}
