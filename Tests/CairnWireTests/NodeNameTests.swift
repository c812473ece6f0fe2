import CairnBase
import CairnWire
import Testing

@Suite struct NodeNameTests {
    /// A hash that answers with the bytes it is told to.
    private struct FixedHash: HashFunction {
        let bytes: [UInt8]

        func digest(_ tag: DomainTag, _ input: RawSpan) -> Digest {
            Digest(bytes + [UInt8](repeating: 0, count: 32 - bytes.count)) ?? .zero
        }
    }

    private func name(_ bytes: [UInt8]) -> String {
        NodeName(of: NodeID(.zero), using: FixedHash(bytes: bytes)).description
    }

    @Test func eachOfTheFirstThreeBytesPicksAWord() {
        #expect(name([0, 0, 0, 9]) == "able-agate-addax")
        #expect(name([255, 255, 255]) == "zealous-zinc-zebra")
        #expect(name([1, 0, 0]) == "agile-agate-addax" && name([0, 0, 1]) == "able-agate-adder")
    }

    @Test func wordsAreDistinctShortAndPlain() {
        var seen: Set<Substring> = []
        for byte in UInt8.min...UInt8.max {
            let words = name([byte, byte, byte]).split(separator: "-")
            #expect(words.count == 3)
            for word in words {
                #expect(seen.insert(word).inserted, "\(word) is there twice")
                #expect((3...10).contains(word.utf8.count) && word.utf8.allSatisfy { (97...122).contains($0) })
            }
        }
        #expect(seen.count == 768)
    }
}
