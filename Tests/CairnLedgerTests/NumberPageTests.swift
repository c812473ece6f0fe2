import CairnBase
import CairnWire
import Testing

@testable import CairnLedger

/// Sets of numbers in pages, beside a set that is only a set.
@Suite struct NumberPageTests {
    @Test(arguments: 0..<20 as Range<UInt64>)
    func pagesHoldWhatASetHolds(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var (page, set) = (NumberPage(), Set<UInt32>())
        let number = UInt32(random.below(5))
        let first = number * NumberPage.numbersPerPage
        for _ in 0..<400 {
            let one = first + UInt32(random.below(seed.isMultiple(of: 2) ? 40 : UInt64(NumberPage.numbersPerPage)))
            if random.chance(ppm: 500_000) {
                page.insert(one)
                set.insert(one)
            } else {
                page.remove(one)
                set.remove(one)
            }
            #expect(page.contains(one) == set.contains(one))
        }
        #expect(page.numbers(on: number) == set.sorted())
        #expect(try NumberPage.decode(page.encoded, limit: 2048) == page)
        for one in set { page.remove(one) }
        #expect(page.isEmpty && page == NumberPage(), "one form for one set")
    }

    @Test func aPageThatEndsInNothingIsNotRead() {
        var writer = ByteWriter()
        writer.count(2)
        writer.u8(1)
        writer.u8(0)
        #expect(throws: DecodeError.self) { _ = try NumberPage.decode(writer.bytes, limit: 2048) }
    }

    @Test func numbersLieOnTheirPages() {
        let pages = NumberPage.pages(of: [8192, 3, 16_383, 8191])
        #expect(pages.map(\.key) == [0, 1])
        #expect(pages.flatMap { $0.value.numbers(on: $0.key) } == [3, 8191, 8192, 16_383])
        #expect([0, 1, 8192, 8193].map { NumberPage.pages(upTo: $0).count } == [0, 1, 1, 2])
    }
}
