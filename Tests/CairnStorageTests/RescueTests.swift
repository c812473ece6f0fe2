import CairnBase
import CairnCrypto
import Testing

@testable import CairnStorage

/// A piece that is made from others: who is asked, and when it is over.
@Suite struct RescueTests {
    private let making: Making

    init() throws {
        let code = try #require(ErasureCode(needed: 2, total: 5))
        let roots = (0..<5).map { Blake2b().digest(DomainTag("test"), [UInt8($0)]) }
        let list = try #require(PieceList(roots))
        let names = try roots.map { try #require(PieceName(root: $0, units: 1)) }
        making = Making(
            name: names[0], root: list.root(using: Blake2b()), list: list, code: code, own: 0,
            sources: (1..<5).map { .init(shard: $0, name: names[$0], node: NodeID(roots[$0].raw)) })
    }

    private func fetched(_ steps: [Rescue.Step]) -> [Int] {
        steps.compactMap { if case .fetch(let source) = $0 { source.shard } else { nil } }
    }

    @Test func oneMoreIsAskedForEachThatMissed() {
        var rescue = Rescue(making) { _ in true }
        #expect(fetched(rescue.begin()) == [1, 2])
        #expect(fetched(rescue.missed()) == [3])
        #expect(rescue.took([1], of: 2).isEmpty)
        guard case .make(let found)? = rescue.took([2], of: 3).first else { return #expect(Bool(false), "not made") }
        #expect(found.map(\.shard) == [2, 3])
        #expect(rescue.missed().isEmpty && rescue.took([3], of: 4).isEmpty, "it is over")
    }

    @Test func tooFewThatCanBeAskedFailOnce() {
        var rescue = Rescue(making) { $0.shard == 4 }
        let steps = rescue.begin()
        #expect(fetched(steps) == [4])
        #expect(steps.count { if case .fail = $0 { true } else { false } } == 1)
        #expect(rescue.missed().isEmpty)
    }
}
