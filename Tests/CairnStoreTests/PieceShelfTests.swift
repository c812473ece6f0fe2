import CairnBase
import CairnCrypto
import CairnStorage
import Glibc
import Testing

@testable import CairnStore

/// What a holder keeps, through lies, damage, fullness and a new start.
@Suite struct PieceShelfTests {
    private let home: TestDirectory
    private let alice = NodeID(Bytes32([UInt8](repeating: 1, count: 32)) ?? .zero)
    private let bob = NodeID(Bytes32([UInt8](repeating: 2, count: 32)) ?? .zero)
    private let unit = StorageUnits.unitBytes

    init() throws { home = try TestDirectory() }

    private func shelf(
        capacity units: Int = 8, _ change: (inout PieceShelf.Settings) -> Void = { _ in }
    ) throws -> PieceShelf {
        var settings = PieceShelf.Settings(capacity: UInt64(units * unit))
        settings.diskReserve = 0
        change(&settings)
        return try PieceShelf(directory: home.path + "/store", settings)
    }

    private func piece(_ filling: UInt8, units: Int = 1) throws -> (name: PieceName, bytes: [UInt8]) {
        let bytes = (0..<(units * unit)).map { UInt8(truncatingIfNeeded: $0 >> 9) ^ filling }
        var digest = PieceDigest()
        digest.update(bytes.span.bytes, using: Blake2b())
        return (try #require(digest.name(using: Blake2b())), bytes)
    }

    private func put(
        _ piece: (name: PieceName, bytes: [UInt8]), on shelf: PieceShelf, for client: NodeID, from start: Int = 0
    ) throws {
        for offset in stride(from: start, to: piece.bytes.count, by: PieceQuestion.portion) {
            let end = min(offset + PieceQuestion.portion, piece.bytes.count)
            try shelf.write(Array(piece.bytes[offset..<end]), at: offset, of: piece.name, for: client, at: .origin)
        }
    }

    private func file(of name: PieceName) -> String {
        "\(home.path)/store/pieces/\(name.root.description.prefix(2))/\(name.root)"
    }

    private func change(_ name: PieceName, at offset: Int) throws {
        let descriptor = open(file(of: name), O_RDWR)
        defer { close(descriptor) }
        var byte: UInt8 = 0
        try #require(unsafe pread(descriptor, &byte, 1, off_t(offset)) == 1)
        byte ^= 0x04
        try #require(unsafe pwrite(descriptor, &byte, 1, off_t(offset)) == 1)
    }

    private func refusal(_ body: () throws(PieceRefusal) -> Void) -> PieceStatus {
        do throws(PieceRefusal) {
            try body()
            return .well
        } catch {
            return error.status
        }
    }

    private func status(_ name: PieceName, on shelf: PieceShelf) -> PieceStatus {
        refusal { () throws(PieceRefusal) in try shelf.check(name) }
    }

    @Test func whatWasPutIsReadAlsoAfterANewStart() throws {
        let piece = try piece(3, units: 2)
        do {
            let shelf = try shelf()
            #expect(status(piece.name, on: shelf) == .unknown)
            try put(piece, on: shelf, for: alice)
            #expect(status(piece.name, on: shelf) == .well)
            #expect(shelf.offer.used == UInt64(2 * unit) && shelf.draftCount == 0)
        }
        let shelf = try shelf()
        #expect(try shelf.read(unit, at: unit / 2, of: piece.name) == Array(piece.bytes[(unit / 2)..<(3 * unit / 2)]))
        #expect(shelf.offer.used == UInt64(2 * unit) && shelf.pieceCount == 1)
        let longer = try #require(PieceName(root: piece.name.root, units: 3))
        #expect(status(longer, on: shelf) == .unknown)
        #expect(
            refusal { () throws(PieceRefusal) in _ = try shelf.read(1, at: 2 * unit, of: piece.name) } == .malformed)
    }

    @Test func nothingOfALieIsKept() throws {
        let shelf = try shelf()
        var piece = try piece(3)
        piece.bytes[unit - 1] ^= 1
        #expect(throws: PieceRefusal.refused(.mismatch)) { try put(piece, on: shelf, for: alice) }
        #expect(status(piece.name, on: shelf) == .unknown)
        #expect(shelf.offer.used == 0 && shelf.draftCount == 0)
        #expect(DiskFile.names(in: home.path + "/store/incoming").isEmpty)
        #expect(!DiskFile.exists(file(of: piece.name)))
    }

    @Test func anInterruptedClientGoesOnWhereItWas() throws {
        let shelf = try shelf()
        let piece = try piece(5, units: 2)
        let portion = PieceQuestion.portion
        #expect(try shelf.resume(piece.name, for: alice, at: .origin) == 0)
        for offset in [0, portion] {
            try shelf.write(
                Array(piece.bytes[offset..<(offset + portion)]), at: offset, of: piece.name, for: alice, at: .origin)
        }
        #expect(throws: PieceRefusal.outOfOrder(next: 2 * portion)) {
            try shelf.write([1], at: portion, of: piece.name, for: alice, at: .origin)
        }
        // Another client's draft is its own.
        #expect(try shelf.resume(piece.name, for: bob, at: .origin) == 0)
        let there = try shelf.resume(piece.name, for: alice, at: .origin)
        #expect(there == 2 * portion)
        try put(piece, on: shelf, for: alice, from: there)
        #expect(try shelf.resume(piece.name, for: bob, at: .origin) == piece.name.byteCount)
        #expect(status(piece.name, on: shelf) == .well)
    }

    @Test func aPieceGoesWithTheLastWhoKeepsIt() throws {
        let shelf = try shelf()
        let piece = try piece(7)
        try put(piece, on: shelf, for: alice)
        #expect(refusal { () throws(PieceRefusal) in try shelf.remove(piece.name, for: bob) } == .unknown)
        try put(piece, on: shelf, for: bob)
        #expect(shelf.offer.used == UInt64(unit))
        try shelf.remove(piece.name, for: alice)
        #expect(status(piece.name, on: shelf) == .well)
        try shelf.remove(piece.name, for: bob)
        #expect(status(piece.name, on: shelf) == .unknown)
        #expect(shelf.offer.used == 0 && !DiskFile.exists(file(of: piece.name)))
    }

    /// Room is set aside when a piece is begun.
    @Test func theCapacityHoldsForWhatIsBegun() throws {
        let shelf = try shelf(capacity: 3)
        let (first, second) = (try piece(1, units: 2), try piece(2, units: 2))
        #expect(try shelf.resume(first.name, for: alice, at: .origin) == 0)
        #expect(throws: PieceRefusal.refused(.full)) { try shelf.resume(second.name, for: bob, at: .origin) }
        try shelf.remove(first.name, for: alice)
        try put(second, on: shelf, for: bob)
        #expect(shelf.offer.free == UInt64(unit))
    }

    @Test func theDiskKeepsItsReserve() throws {
        let shelf = try shelf { $0.diskReserve = .max / 2 }
        #expect(throws: PieceRefusal.refused(.diskFull)) { try put(try piece(1), on: shelf, for: alice) }
        #expect(PieceRefusal.failed(.file(operation: "write", path: "", errno: ENOSPC)).status == .diskFull)
        #expect(PieceRefusal.failed(.file(operation: "write", path: "", errno: EIO)).status == .unavailable)
    }

    @Test func draftsAreFewAndDoNotLastForEver() throws {
        let shelf = try shelf { ($0.drafts, $0.draftsPerClient) = (2, 1) }
        let pieces = try (0..<4).map { try piece(UInt8($0)).name }
        _ = try shelf.resume(pieces[0], for: alice, at: .origin)
        #expect(throws: PieceRefusal.refused(.busy)) { try shelf.resume(pieces[1], for: alice, at: .origin) }
        _ = try shelf.resume(pieces[2], for: bob, at: .origin)
        let later = Instant.origin + shelf.settings.draftTime
        _ = try shelf.resume(pieces[3], for: alice, at: later)
        #expect(shelf.draftCount == 1)
        #expect(DiskFile.names(in: home.path + "/store/incoming").count == 1)
    }

    @Test func aFlippedBitIsFoundNamedAndHealed() throws {
        let shelf = try shelf()
        let pieces = try (1...3).map { try piece(UInt8($0), units: 2) }
        for piece in pieces { try put(piece, on: shelf, for: alice) }
        let hurt = pieces[1]
        try change(hurt.name, at: unit + 12_345)
        var (found, seen, cursor): ([PieceDamage], Int, Digest?) = ([], 0, nil)
        while let step = try shelf.scrub(after: cursor) {
            if let damage = step.damage { found.append(damage) }
            (cursor, seen) = (step.name.root, seen + 1)
        }
        #expect(seen == 3 && found == [PieceDamage(name: hurt.name, units: [1])])
        #expect(status(hurt.name, on: shelf) == .damaged)
        #expect(throws: PieceRefusal.refused(.damaged)) { try shelf.read(1, at: 0, of: hurt.name) }
        try put(hurt, on: shelf, for: alice)
        #expect(status(hurt.name, on: shelf) == .well && shelf.offer.used == UInt64(6 * unit))
        #expect(try shelf.scrub(after: nil)?.damage == nil)
        #expect(try shelf.read(unit, at: unit, of: hurt.name) == Array(hurt.bytes[unit...]))
    }

    @Test func aFileThatIsGoneOrCutIsDamageWhole() throws {
        let shelf = try shelf()
        let (gone, cut) = (try piece(1, units: 2), try piece(2, units: 2))
        for piece in [gone, cut] { try put(piece, on: shelf, for: alice) }
        unlink(file(of: gone.name))
        truncate(file(of: cut.name), off_t(unit))
        #expect(throws: PieceRefusal.refused(.damaged)) { try shelf.read(unit, at: 0, of: gone.name) }
        var cursor: Digest?
        for name in [gone.name, cut.name].sorted(by: { $0.root < $1.root }) {
            #expect(try shelf.scrub(after: cursor)?.damage == PieceDamage(name: name, units: [0, 1]))
            cursor = name.root
        }
    }

    /// What keeps a file from being opened says nothing about its bytes. A link to itself stands in for too many open files.
    @Test func whatCannotBeOpenedJustNowIsNotDamaged() throws {
        let shelf = try shelf()
        let (barred, other) = (try piece(1), try piece(2))
        for piece in [barred, other] { try put(piece, on: shelf, for: alice) }
        let path = file(of: barred.name)
        try #require(rename(path, path + ".away") == 0 && symlink(path, path) == 0)
        #expect(refusal { () throws(PieceRefusal) in _ = try shelf.read(1, at: 0, of: barred.name) } == .unavailable)
        var (cursor, unread): (Digest?, [PieceName]) = (nil, [])
        while let step = try shelf.scrub(after: cursor) {
            #expect(step.damage == nil)
            if step.unread != nil { unread.append(step.name) }
            cursor = step.name.root
        }
        #expect(unread == [barred.name])
        try #require(unlink(path) == 0 && rename(path + ".away", path) == 0)
        #expect(status(barred.name, on: shelf) == .well)
        #expect(try shelf.read(unit, at: 0, of: barred.name) == barred.bytes)
        func means(_ number: Int32) -> Bool { StoreError.file(operation: "open", path: "", errno: number).meansDamage }
        #expect([ENOENT, EIO, EUCLEAN].allSatisfy(means))
        #expect(![EMFILE, ENFILE, ENOMEM, EACCES, ELOOP, EINTR].contains(where: means))
    }

    /// As a process leaves it that was killed between its syncs.
    @Test func aNewStartRemovesWhatNobodyWasPromised() throws {
        let (kept, orphan) = (try piece(1), try piece(2))
        do {
            let shelf = try shelf()
            try put(kept, on: shelf, for: alice)
            _ = try shelf.resume(orphan.name, for: alice, at: .origin)
        }
        let folder = String(file(of: orphan.name).dropLast(65))
        if !DiskFile.exists(folder) { try DiskFile.makeDirectory(folder) }
        try DiskFile.create(file(of: orphan.name)).append(orphan.bytes)
        try DiskFile.create(folder + "/litter").append([1])
        let shelf = try shelf()
        #expect(status(orphan.name, on: shelf) == .unknown && status(kept.name, on: shelf) == .well)
        #expect(!DiskFile.exists(file(of: orphan.name)) && !DiskFile.exists(folder + "/litter"))
        #expect(DiskFile.names(in: home.path + "/store/incoming").isEmpty)
        #expect(shelf.offer.used == UInt64(unit))
    }

    @Test func oneProcessOwnsAShelf() throws {
        let shelf = try shelf()
        #expect(throws: StoreError.self) { try self.shelf() }
        #expect(shelf.pieceCount == 0)
    }
}
