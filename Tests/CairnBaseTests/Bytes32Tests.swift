import CairnBase
import Testing

@Suite struct Bytes32Tests {
    @Test(arguments: 0..<64 as Range<UInt64>)
    func orderOfWordsIsOrderOfBytes(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let left = (0..<32).map { _ in UInt8(random.below(3)) }
        let right = (0..<32).map { _ in UInt8(random.below(3)) }
        let a = try #require(Bytes32(left))
        let b = try #require(Bytes32(right))
        #expect((a < b) == left.lexicographicallyPrecedes(right))
        #expect(a.bytes == left)
    }

    @Test func otherLengthsAreRefused() {
        #expect(Bytes32([UInt8](repeating: 0, count: 31)) == nil)
        #expect(Bytes32([UInt8](repeating: 0, count: 33)) == nil)
    }

    @Test func lowWordIsLittleEndian() throws {
        let value = try #require(Bytes32([1, 2] + [UInt8](repeating: 0, count: 30)))
        #expect(value.low64 == 0x0201)
    }
}
