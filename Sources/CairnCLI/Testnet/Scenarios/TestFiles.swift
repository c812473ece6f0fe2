import CairnBase

/// Files that a scenario makes, stores and compares: `./letter` is one in the testnet's own folder.
struct TestFiles {
    static let sizeMax: UInt64 = 256 << 20
    private static let portion = 1 << 20
    private static let drawn = 1 << 16

    let folder: String

    static func isName(_ word: String) -> Bool { word.hasPrefix("./") && isLabel(String(word.dropFirst(2))) }

    func path(_ word: String) -> String { joinPath(folder, String(word.dropFirst(2))) }

    /// A file of bytes that follow from a seed and its name: one drawn portion over and over, each with its number in
    /// front. One that is there already is replaced.
    func make(_ word: String, bytes count: UInt64, seed: UInt64) throws(Failure) {
        try Directory.make(folder)
        var random = SeededRandom(seed: word.utf8.reduce(seed) { $0 &* 31 &+ UInt64($1) })
        let drawn = (0..<Self.drawn).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Int(count) + Self.drawn + 8)
        var number = 0
        while bytes.count < count {
            bytes += Array("\(number) ".utf8) + drawn
            number += 1
        }
        bytes.removeLast(bytes.count - Int(count))
        try TextFile.replace(path(word), bytes)
    }

    /// How many bytes two files have when they are the same; nil when they differ or one is not there.
    func sameLength(_ one: String, _ other: String) -> UInt64? {
        guard let left = try? ObjectSource(path(one)), let right = try? ObjectSource(path(other)),
            left.byteCount == right.byteCount
        else { return nil }
        while true {
            guard let portion = try? left.next(Self.portion), let next = try? right.next(Self.portion), portion == next
            else { return nil }
            if portion.isEmpty { return left.byteCount }
        }
    }
}
