import CairnBase

@testable import CairnStore

/// A disk in memory that forgets: what was written since the last sync survives a crash in 512-byte sectors picked by
/// chance, and the crash comes at the operation one asks for.
final class CrashingStorage: SignLogStorage {
    private struct Segment {
        var durable: [UInt8]
        var volatile: [UInt8]
        var dirtySectors: Set<Int> = []
    }

    private static let sector = 512
    private var files: [UInt32: Segment] = [:]
    private var random: SeededRandom
    /// Operations left before the power goes; nil for never.
    var operationsLeft: Int?
    /// Whether only the process ends then: what was written stays readable, and is not on the disk for that.
    var keepsItsCache = false
    private(set) var operations = 0

    init(seed: UInt64) {
        random = SeededRandom(seed: seed)
    }

    func segments() throws(SignLogError) -> [UInt32] { files.keys.sorted() }

    func create(_ segment: UInt32, byteCount: Int) throws(SignLogError) {
        // A crash during creation leaves the file, wholly or not at all.
        if isLast() {
            if random.chance(ppm: 500_000) {
                let zeros = [UInt8](repeating: 0, count: byteCount)
                files[segment] = Segment(durable: zeros, volatile: zeros)
            }
            throw crash()
        }
        let zeros = [UInt8](repeating: 0, count: byteCount)
        files[segment] = Segment(durable: zeros, volatile: zeros)
    }

    func read(_ segment: UInt32) throws(SignLogError) -> [UInt8] { files[segment]?.volatile ?? [] }

    func write(_ segment: UInt32, _ bytes: [UInt8], at offset: Int) throws(SignLogError) {
        let last = isLast()
        files[segment]?.volatile.replaceSubrange(offset..<offset + bytes.count, with: bytes)
        for sector in offset / Self.sector...(offset + bytes.count - 1) / Self.sector {
            files[segment]?.dirtySectors.insert(sector)
        }
        if last { throw crash() }
    }

    func sync(_ segment: UInt32) throws(SignLogError) {
        if isLast() { throw crash() }
        guard let file = files[segment] else { return }
        files[segment] = Segment(durable: file.volatile, volatile: file.volatile)
    }

    func remove(_ segment: UInt32) throws(SignLogError) {
        if isLast() {
            if random.chance(ppm: 500_000) { files[segment] = nil }
            throw crash()
        }
        files[segment] = nil
    }

    /// Bytes as they lie on the disk, for tests that alter them.
    func image(_ segment: UInt32) -> [UInt8] { files[segment]?.durable ?? [] }

    func replace(_ segment: UInt32, with bytes: [UInt8]) {
        files[segment] = Segment(durable: bytes, volatile: bytes)
    }

    /// The power goes between operations, and of what was not synced nothing is left.
    func losePower() {
        for (number, file) in files { files[number] = Segment(durable: file.durable, volatile: file.durable) }
    }

    private func isLast() -> Bool {
        operations += 1
        guard let left = operationsLeft else { return false }
        operationsLeft = left - 1
        return left <= 1
    }

    /// The power goes: of the unsynced sectors some reach the disk.
    private func crash() -> SignLogError {
        operationsLeft = nil
        guard !keepsItsCache else { return .file(operation: "crash", path: "", errno: 0) }
        for number in files.keys.sorted() {
            guard var file = files[number] else { continue }
            for sector in file.dirtySectors.sorted() where random.chance(ppm: 500_000) {
                let range = sector * Self.sector..<(sector + 1) * Self.sector
                file.durable.replaceSubrange(range, with: file.volatile[range])
            }
            files[number] = Segment(durable: file.durable, volatile: file.durable)
        }
        return .file(operation: "crash", path: "", errno: 0)
    }
}
