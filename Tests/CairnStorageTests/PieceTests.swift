import CairnBase
import CairnCrypto
import CairnStorage
import CairnWire
import Testing

@Suite struct PieceTests {
    private let hash = Blake2b()

    private func content(_ units: Int, seed: UInt64) -> [UInt8] {
        var random = SeededRandom(seed: seed)
        return (0..<(units * StorageUnits.unitBytes / 8)).flatMap { _ in
            let word = random.next()
            return (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * UInt64($0))) }
        }
    }

    /// The oracle holds the whole tree in memory.
    @Test(arguments: [1, 2, 3])
    func theRootDoesNotDependOnTheCut(units: Int) throws {
        let bytes = content(units, seed: UInt64(units))
        let tree = try #require(StorageUnits.tree(bytes, using: hash))
        var random = SeededRandom(seed: 7)
        for _ in 0..<3 {
            var digest = PieceDigest()
            var offset = 0
            while offset < bytes.count {
                let end = min(bytes.count, offset + 1 + Int(random.next() % 200_000))
                digest.update(bytes.span.bytes.extracting(offset..<end), using: hash)
                offset = end
            }
            #expect(digest.name(using: hash) == PieceName(root: tree.root, units: units))
            #expect(digest.unitTops.count == units && digest.byteCount == bytes.count)
        }
    }

    @Test func onlyWholeUnitsHaveAName() {
        var digest = PieceDigest()
        #expect(digest.name(using: hash) == nil)
        let unit = [UInt8](repeating: 1, count: StorageUnits.unitBytes)
        digest.update(unit.span.bytes.extracting(first: unit.count - 1), using: hash)
        #expect(digest.name(using: hash) == nil)
        digest.update([UInt8(1)].span.bytes, using: hash)
        #expect(digest.name(using: hash)?.units == 1)
        digest.update([UInt8(1)].span.bytes, using: hash)
        #expect(digest.name(using: hash) == nil)
    }

    @Test func aChangedByteShowsInItsUnitAlone() {
        var bytes = content(3, seed: 5)
        var (before, after) = (PieceDigest(), PieceDigest())
        before.update(bytes.span.bytes, using: hash)
        bytes[StorageUnits.unitBytes + 77] ^= 0x10
        after.update(bytes.span.bytes, using: hash)
        #expect(before.name(using: hash) != after.name(using: hash))
        #expect(before.unitTops.indices.filter { before.unitTops[$0] != after.unitTops[$0] } == [1])
    }

    @Test func aNameHasAUnitToAWholeSegment() {
        #expect(PieceName(root: .zero, units: 0) == nil)
        #expect(PieceName(root: .zero, units: PieceName.unitsMax)?.byteCount == StorageUnits.segmentBytes)
        #expect(PieceName(root: .zero, units: PieceName.unitsMax + 1) == nil)
    }

    @Test func questionsComeBackAsTheyWere() throws {
        let name = try #require(PieceName(root: hash.digest(DomainTag("cn/test"), []), units: 2))
        let end = UInt32(name.byteCount)
        let questions: [PieceQuestion] = [
            .offer, .have(name), .resume(name), .remove(name), .write(name, offset: end - 3, [1, 2, 3]),
            .write(name, offset: 0, [UInt8](repeating: 9, count: PieceQuestion.portion)),
            .read(name, offset: end - 1, count: 1), .prove(name, from: name.root), .list(name.root),
            .tell(try #require(PieceList([name.root, .zero]))),
        ]
        for question in questions {
            #expect(try PieceQuestion.decode(question.encoded, limit: PieceQuestion.byteLimit) == question)
        }
    }

    /// Sizes that lie.
    @Test func portionsLieWithinTheirPiece() throws {
        let name = try #require(PieceName(root: .zero, units: 1))
        let end = UInt32(name.byteCount)
        let wrong: [PieceQuestion] = [
            .write(name, offset: 0, []), .write(name, offset: end, [1]), .write(name, offset: .max, [1]),
            .write(name, offset: 0, [UInt8](repeating: 0, count: PieceQuestion.portion + 1)),
            .read(name, offset: 0, count: 0), .read(name, offset: end, count: 1), .read(name, offset: .max, count: 1),
            .read(name, offset: 0, count: UInt32(PieceQuestion.portion) + 1), .read(name, offset: 0, count: .max),
        ]
        for question in wrong {
            #expect(throws: DecodeError.self) { try PieceQuestion.decode(question.encoded, limit: 1 << 20) }
        }
        #expect(throws: DecodeError.self) { try PieceQuestion.decode([6], limit: 1 << 20) }
        #expect(throws: DecodeError.self) { try PieceQuestion.decode([0, 0], limit: 1 << 20) }
    }
}
