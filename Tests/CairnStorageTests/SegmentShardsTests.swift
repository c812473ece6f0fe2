import CairnBase
import CairnCrypto
import Testing

@testable import CairnStorage

@Suite struct SegmentShardsTests {
    private func segment(_ length: Int, _ seed: UInt64) -> [UInt8] {
        (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 9) &+ UInt8(truncatingIfNeeded: seed) }
    }

    /// All shards, read in portions of an odd length.
    private func shards(_ coder: SegmentShards, of data: [UInt8]) -> [[UInt8]?] {
        let size = coder.layout.shardBytes
        return (0..<coder.code.total).map { shard in
            var bytes: [UInt8] = []
            for start in stride(from: 0, to: size, by: 300_007) {
                let range = start..<min(start + 300_007, size)
                guard let portion = coder.portion(range, of: shard, from: data, using: TableKernel()) else {
                    return nil
                }
                bytes += portion
            }
            return bytes
        }
    }

    private func segment(_ coder: SegmentShards, from shards: [(number: Int, bytes: [UInt8])]) -> [UInt8]? {
        guard var reader = SegmentReader(coder, from: shards) else { return nil }
        var bytes: [UInt8] = []
        while let portion = reader.next(using: TableKernel()) { bytes += portion }
        return bytes
    }

    /// Any two of four give every length back; the parity of small ones is mostly of padding.
    @Test(arguments: [1, (1 << 20) + 1, 2 << 20, (2 << 20) + 1])
    func anyOfThemAreEnough(length: Int) throws {
        let code = try #require(ErasureCode(needed: 2, total: 4))
        let coder = try #require(SegmentShards(length: length, code))
        let bytes = segment(length, UInt64(length))
        var data = bytes
        #expect(coder.pad(&data))
        let shards = try shards(coder, of: data).map { try #require($0) }
        let size = coder.layout.shardBytes
        let parity = code.encode(data.span.bytes, stride: size, width: size, using: TableKernel())
        #expect(shards.flatMap(\.self) == data + (parity ?? []))
        let names = coder.names(of: data, using: TableKernel(), Blake2b())
        #expect(names?.count == 4)
        for (shard, name) in zip(shards, names ?? []) {
            var digest = PieceDigest()
            digest.update(shard.span.bytes, using: Blake2b())
            #expect(digest.name(using: Blake2b()) == name)
        }
        for first in 0..<4 {
            // In this order and the other: who answers first is chance.
            let second = (first + 1 + length % 3) % 4
            #expect(segment(coder, from: [first, second].map { ($0, shards[$0]) }) == bytes)
        }
    }

    @Test func tooFewTwiceTheSameAndWrongLengthsGiveNothing() throws {
        let code = try #require(ErasureCode(needed: 2, total: 3))
        let coder = try #require(SegmentShards(length: 9, code))
        var data = segment(9, 1)
        #expect(coder.pad(&data) && !coder.pad(&data))
        let shards = try shards(coder, of: data).map { try #require($0) }
        #expect(segment(coder, from: [(0, shards[0])]) == nil)
        #expect(segment(coder, from: [(1, shards[1]), (1, shards[1])]) == nil)
        #expect(segment(coder, from: [(0, shards[0]), (2, Array(shards[2].dropLast()))]) == nil)
        #expect(segment(coder, from: [(0, shards[0]), (3, shards[2])]) == nil)
        #expect(SegmentShards(length: 0, coder.code) == nil)
        #expect(coder.names(of: segment(9, 1), using: TableKernel(), Blake2b()) == nil)
        let size = coder.layout.shardBytes
        for (range, shard) in [(0..<1, 3), (0..<1, -1), (0..<(size + 1), 0), (-1..<1, 2)] {
            #expect(coder.portion(range, of: shard, from: data, using: TableKernel()) == nil)
        }
    }
}
