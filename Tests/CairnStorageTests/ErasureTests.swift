import CairnBase
import CairnErasure
import CairnStorage
import Testing

@Suite struct ErasureTests {
    private static let levels = VectorKernel.Level.allCases

    /// Multiplication as it is taught: shift, add without carry, reduce by the polynomial.
    private func product(_ left: UInt8, _ right: UInt8) -> UInt8 {
        var (sum, power, rest) = (0, Int(left), right)
        while rest > 0 {
            if rest & 1 == 1 { sum ^= power }
            power <<= 1
            if power > 255 { power ^= 0x11D }
            rest >>= 1
        }
        return UInt8(sum)
    }

    @Test func productsAndInversesFollowTheDefinition() {
        for left in UInt8.min...UInt8.max {
            let wrong = (UInt8.min...UInt8.max).filter { GaloisField.product(left, $0) != product(left, $0) }
            #expect(wrong.isEmpty)
            let inverse = GaloisField.inverse(left)
            #expect(inverse.map { product(left, $0) } == (left == 0 ? nil : 1))
        }
    }

    @Test func parityOfTheProtocolsVector() throws {
        let code = try #require(ErasureCode(needed: 4, total: 8))
        let data: [UInt8] = [1, 2, 3, 4]
        let parity = code.encode(data.span.bytes, stride: 1, width: 1, using: TableKernel())
        #expect(parity == [0x48, 0x0f, 0x7c, 0xbb])
    }

    @Test(arguments: levels) func everyKernelMakesTheSameBytes(level: VectorKernel.Level) throws {
        var random = SeededRandom(seed: 11)
        for (needed, total) in [(1, 2), (4, 8), (10, 20), (29, 34), (200, 203)] {
            let code = try #require(ErasureCode(needed: needed, total: total))
            for width in [0, 1, 31, 32, 63, 64, 129] {
                let stride = width + Int(random.next() % 5)
                let data = (0..<(stride * needed)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
                let oracle = code.encode(data.span.bytes, stride: stride, width: width, using: TableKernel())
                let vectors = code.encode(data.span.bytes, stride: stride, width: width, using: VectorKernel(level))
                #expect(vectors == oracle)
                #expect(oracle?.count == width * (total - needed))
                guard let library = LibraryKernel() else { continue }
                #expect(code.encode(data.span.bytes, stride: stride, width: width, using: library) == oracle)
            }
        }
    }

    @Test func anyNeededShardsGiveTheDataBack() throws {
        var random = SeededRandom(seed: 12)
        let width = 40
        for (needed, total) in [(1, 2), (4, 8), (10, 20), (29, 50)] {
            let code = try #require(ErasureCode(needed: needed, total: total))
            let data = (0..<(width * needed)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            let parity = code.encode(data.span.bytes, stride: width, width: width, using: VectorKernel())
            let shards = data + (try #require(parity))
            func strips(_ chosen: [Int]) -> [UInt8] { chosen.flatMap { shards[($0 * width)..<(($0 + 1) * width)] } }
            for _ in 0..<5 {
                var order = Array(0..<total)
                for index in order.indices { order.swapAt(index, Int(random.next() % UInt64(total))) }
                let (kept, lost) = (Array(order.prefix(needed)), Array(order.dropFirst(needed)))
                let matrix = try #require(code.recovery(from: kept))
                let back = code.combine(
                    matrix, strips(kept).span.bytes, stride: width, width: width, using: VectorKernel())
                #expect(back == data)
                let repair = try #require(code.repair(of: lost, from: kept))
                let made = code.combine(
                    repair, strips(kept).span.bytes, stride: width, width: width, using: VectorKernel())
                #expect(made == strips(lost))
            }
        }
    }

    @Test func whatDoesNotFitIsRefused() throws {
        #expect(ErasureCode(needed: 0, total: 4) == nil)
        #expect(ErasureCode(needed: 4, total: 4) == nil)
        #expect(ErasureCode(needed: 4, total: 256) == nil)
        let code = try #require(ErasureCode(needed: 2, total: 4))
        let data: [UInt8] = [1, 2, 3, 4, 5]
        #expect(code.recovery(from: [0]) == nil)
        #expect(code.recovery(from: [1, 1]) == nil)
        #expect(code.recovery(from: [1, 4]) == nil)
        #expect(code.repair(of: [4], from: [0, 1]) == nil)
        for (stride, width) in [(2, 3), (4, 4), (Int.max, 1), (-1, -1), (0, 1)] {
            #expect(code.encode(data.span.bytes, stride: stride, width: width, using: TableKernel()) == nil)
        }
    }
}
