import CairnBase
import Testing

@Suite struct ArithmeticTests {
    /// Numbers of every size, not only large ones.
    private func number(_ random: inout SeededRandom) -> UInt64 {
        random.next() >> random.below(64)
    }

    @Test(arguments: 0..<4 as Range<UInt64>)
    func productsAreExactIn128Bits(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<5_000 {
            let (value, factor, divisor) = (number(&random), number(&random), number(&random) >> random.below(8))
            let exact = divisor == 0 ? nil : UInt128(value) * UInt128(factor) / UInt128(divisor)
            #expect(value.times(factor, over: divisor) == exact.flatMap(UInt64.init(exactly:)))
        }
    }

    @Test func partsPerMillionRoundDown() {
        #expect(UInt64(3).ppm(333_333) == 0)
        #expect(UInt64(4).ppm(250_000) == 1)
        #expect(UInt64.max.ppm(1_000_000) == .max)
        #expect(UInt64.max.ppm(1_000_001) == nil)
        #expect(UInt64(1).times(1, over: 0) == nil)
    }

    @Test func thresholdsOfLotteries() {
        #expect(UInt64.drawThreshold(1, over: 2) == 1 << 63)
        #expect(UInt64.drawThreshold(0, over: 2) == 0)
        #expect(UInt64.drawThreshold(2, over: 2) == .max)
        #expect(UInt64.drawThreshold(3, over: 2) == .max)
        #expect(UInt64.drawThreshold(1, over: 0) == 0)
        // Rate 1000 per thousand and epoch of 600 blocks, as a radio challenge is drawn.
        #expect(UInt64.drawThreshold(1_000, over: 600_000) == UInt64(UInt128(1) << 64 / 600))
    }

    @Test func scaledDrawsStayBelowTheirBoundAndReachItsEnds() {
        #expect(UInt64.max.scaledDraw(below: 7) == 6)
        #expect(UInt64(0).scaledDraw(below: 7) == 0)
        #expect(UInt64.max.scaledDraw(below: 0) == 0)
        #expect((UInt64(1) << 63).scaledDraw(below: 10) == 5)
    }

    @Test func squareRootIsTheFloor() {
        var random = SeededRandom(seed: 1)
        let roots = [0, 1, 2, 3, 0xffff_fffe, 0xffff_ffff] + (0..<5_000).map { _ in number(&random) >> 32 }
        for root in roots {
            #expect((root * root).squareRoot == root)
            if root > 1 { #expect((root * root - 1).squareRoot == root - 1) }
            #expect((root * root + 2 * root).squareRoot == root)
        }
        #expect(UInt64.max.squareRoot == 0xffff_ffff)
    }
}
