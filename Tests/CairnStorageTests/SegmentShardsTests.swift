import CairnBase
import Testing

@testable import CairnStorage

@Suite struct SegmentShardsTests {
    private func segment(_ length: Int, _ seed: UInt64) -> [UInt8] {
        (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 9) &+ UInt8(truncatingIfNeeded: seed) }
    }

    /// Any two of four give every length back; the parity of small ones is mostly of padding.
    @Test(arguments: [1, (1 << 20) + 1, 2 << 20, (2 << 20) + 1])
    func anyOfThemAreEnough(length: Int) throws {
        let code = try #require(ErasureCode(needed: 2, total: 4))
        let coder = try #require(SegmentShards(length: length, code))
        let bytes = segment(length, UInt64(length))
        let shards = try #require(coder.shards(of: bytes, using: TableKernel()))
        #expect(shards.count == 4 && shards.allSatisfy { $0.count == coder.layout.shardBytes })
        for first in 0..<4 {
            // In this order and the other: who answers first is chance.
            let second = (first + 1 + length % 3) % 4
            let found = [first, second].map { (number: $0, bytes: Array(shards[$0])) }
            #expect(coder.segment(from: found, using: TableKernel()) == bytes)
        }
    }

    @Test func tooFewTwiceTheSameAndWrongLengthsGiveNothing() throws {
        let code = try #require(ErasureCode(needed: 2, total: 3))
        let coder = try #require(SegmentShards(length: 9, code))
        let shards = try #require(coder.shards(of: segment(9, 1), using: TableKernel())?.map { Array($0) })
        #expect(coder.segment(from: [(0, shards[0])], using: TableKernel()) == nil)
        #expect(coder.segment(from: [(1, shards[1]), (1, shards[1])], using: TableKernel()) == nil)
        #expect(coder.segment(from: [(0, shards[0]), (2, Array(shards[2].dropLast()))], using: TableKernel()) == nil)
        #expect(coder.segment(from: [(0, shards[0]), (3, shards[2])], using: TableKernel()) == nil)
        #expect(coder.shards(of: segment(8, 1), using: TableKernel()) == nil)
        #expect(SegmentShards(length: 0, coder.code) == nil)
    }
}
