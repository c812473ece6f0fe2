public import CairnBase
import CairnCrypto
public import CairnStorage

/// A piece whose file is not what was put there.
public struct PieceDamage: Sendable, Hashable {
    public let name: PieceName
    /// The units in which something changed, by their numbers in the piece; all of them when the file is gone or cut.
    public let units: [Int]
}

/// What one step of a scrub found.
public struct ScrubStep: Sendable, Equatable {
    /// The piece that was read; where the next step goes on.
    public let name: PieceName
    public let damage: PieceDamage?
    /// Why it could not be read, which says nothing about its bytes: too many open files, no memory.
    public let unread: StoreError?

    init(name: PieceName, damage: PieceDamage? = nil, unread: StoreError? = nil) {
        self.name = name
        self.damage = damage
        self.unread = unread
    }
}

extension PieceShelf {
    private static let portion = 256 << 10

    /// Reads the next piece behind a root against its name; nil behind the last one.
    ///
    /// A changed piece is not handed out any more, still counts as taken, and is replaced when somebody writes it again.
    /// Its file stays until then, for whoever wants to look at it.
    public func scrub(after root: Digest?) throws(PieceRefusal) -> ScrubStep? {
        let next = try guarded { () throws(StoreError) in try index.row(after: root) }
        guard let next else { return nil }
        let found: PieceDigest?
        do throws(StoreError) {
            found = try digest(of: next.name)
        } catch {
            guard error.meansDamage else { return ScrubStep(name: next.name, unread: error) }
            found = nil
        }
        guard found?.name(using: Blake2b()) != next.name else { return ScrubStep(name: next.name) }
        try damage(next.name)
        let tops = found?.unitTops ?? []
        let isCut = tops.count != next.unitTops.count
        let units = next.unitTops.indices.filter { isCut || tops[$0] != next.unitTops[$0] }
        return ScrubStep(name: next.name, damage: PieceDamage(name: next.name, units: units))
    }

    /// Of what is in the file; nil when it is not as long as it should be.
    private func digest(of name: PieceName) throws(StoreError) -> PieceDigest? {
        let file = try DiskFile.open(path(of: name.root))
        guard file.size == name.byteCount else { return nil }
        var digest = PieceDigest()
        for offset in stride(from: 0, to: name.byteCount, by: Self.portion) {
            let bytes = try file.read(Self.portion, at: offset)
            digest.update(bytes.span.bytes, using: Blake2b())
        }
        return digest
    }
}
