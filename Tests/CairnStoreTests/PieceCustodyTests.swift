import CairnBase
import CairnCrypto
import CairnStorage
import Glibc
import Testing

@testable import CairnStore

/// Pieces that are kept because the chain says so: with their lists, shown leaf by leaf, and let go of together.
@Suite struct PieceCustodyTests {
    private let home: TestDirectory
    private let alice = NodeID(Bytes32([UInt8](repeating: 1, count: 32)) ?? .zero)
    private let own = NodeID(Bytes32([UInt8](repeating: 9, count: 32)) ?? .zero)

    init() throws { home = try TestDirectory() }

    private func shelf() throws -> PieceShelf {
        var settings = PieceShelf.Settings(capacity: 8 << 20)
        settings.diskReserve = 0
        return try PieceShelf(directory: home.path + "/store", settings)
    }

    private func put(_ filling: UInt8, units: Int, on shelf: PieceShelf) throws -> PieceName {
        let bytes = (0..<(units << 20)).map { UInt8(truncatingIfNeeded: $0 >> 9) ^ filling }
        var digest = PieceDigest()
        digest.update(bytes.span.bytes, using: Blake2b())
        let name = try #require(digest.name(using: Blake2b()))
        for offset in stride(from: 0, to: bytes.count, by: PieceQuestion.portion) {
            let portion = Array(bytes[offset..<(offset + PieceQuestion.portion)])
            try shelf.write(portion, at: offset, of: name, for: alice, at: .origin)
        }
        return name
    }

    private func refusal(_ body: () throws(PieceRefusal) -> Void) -> PieceStatus {
        do throws(PieceRefusal) {
            try body()
            return .well
        } catch {
            return error.status
        }
    }

    @Test(arguments: [1, 3])
    func whatIsShownIsThePieceAndWhatChangedIsNot(units: Int) throws {
        let shelf = try shelf()
        let name = try put(5, units: units, on: shelf)
        for byte in 0..<8 as Range<UInt8> {
            let start = Digest(Bytes32([UInt8](repeating: byte, count: 32)) ?? .zero)
            #expect(try shelf.prove(name, from: start).shows(name, from: start, using: Blake2b()))
        }
        let path = "\(home.path)/store/pieces/\(name.root.description.prefix(2))/\(name.root)"
        let file = open(path, O_RDWR)
        defer { close(file) }
        for unit in 0..<units { try #require(unsafe pwrite(file, [7] as [UInt8], 1, off_t(unit << 20)) == 1) }
        #expect(refusal { () throws(PieceRefusal) in _ = try shelf.prove(name, from: .zero) } == .damaged)
        #expect(refusal { () throws(PieceRefusal) in try shelf.check(name) } == .damaged)
    }

    @Test func aPieceOfTheChainGoesWhenItsDutyGoesAndNotBefore() throws {
        let list: PieceList
        let name: PieceName
        do {
            let shelf = try shelf()
            name = try put(3, units: 1, on: shelf)
            list = try #require(PieceList([.zero, name.root]))
            let foreign = try #require(PieceList([.zero]))
            #expect(refusal { () throws(PieceRefusal) in try shelf.keep(foreign) } == .unknown)
            try shelf.keep(list)
            let root = list.root(using: Blake2b())
            try shelf.adopt(name, of: root, by: own)
            #expect(refusal { () throws(PieceRefusal) in try shelf.remove(name, for: alice) } == .unknown)
            #expect(try shelf.settle([root], of: own) == 0)
        }
        let shelf = try shelf()
        #expect(try shelf.list(of: list.root(using: Blake2b())) == list)
        #expect(try shelf.settle([], of: own) == 1)
        #expect(try shelf.list(of: list.root(using: Blake2b())) == nil)
        #expect(shelf.pieceCount == 0 && shelf.offer.used == 0)
    }

    @Test func aPieceHasFewLists() throws {
        let shelf = try shelf()
        let name = try put(3, units: 1, on: shelf)
        for number in 0..<8 as Range<UInt8> {
            let other = Digest(Bytes32([UInt8](repeating: number, count: 32)) ?? .zero)
            let list = try #require(PieceList([other, name.root]))
            let status = refusal { () throws(PieceRefusal) in try shelf.keep(list) }
            #expect(status == (number < 4 ? .well : .full))
        }
    }
}
