import CBaseline
import CairnBase
import CairnCrypto
import CairnErasure
import CairnStorage

/// What a stored byte pays for: its code, the mask it is sealed under, the walks over it, and its way there and back.
func storageBench() -> [Figure] {
    [encodingBesideCopying(), encodingBesideTheLibrary(), sealing()].compactMap { $0 } + walkBench() + transferBench()
}

/// 10 of 20, over a column of every shard that fits the caches, as a client streams it.
private enum Column {
    static let width = 64 << 10
    static let needed = 10
    static let rounds = 40
    static let bytes = (0..<(width * needed)).map { UInt8(truncatingIfNeeded: $0 &* 31) }

    static func encode(using kernel: some FieldKernel) {
        guard let code = ErasureCode(needed: needed, total: 20) else { return }
        for _ in 0..<rounds {
            let parity = code.encode(bytes.span.bytes, stride: width, width: width, using: kernel)
            baseline_keep(UInt64(parity?.first ?? 0))
        }
    }

    /// Megabytes of data per second, from nanoseconds per byte.
    static func speed(_ nanosecondsPerByte: Double) -> Double { 1_000 / nanosecondsPerByte }
}

private func encodingBesideCopying() -> Figure {
    let measured = Measurement.paired(operations: Column.rounds * Column.bytes.count) {
        Column.encode(using: VectorKernel())
    } limit: {
        for _ in 0..<Column.rounds {
            var copy = Column.bytes
            copy[0] = 1
            baseline_keep(UInt64(copy[copy.count - 1]))
        }
    }
    return Figure(
        bench: "storage", name: "encode 10 of 20", value: Column.speed(measured.ours), unit: "MB/s",
        limit: Column.speed(measured.limit), limitName: "copying the same bytes",
        ratio: Column.speed(measured.ours) / 800, better: .higher, target: 1)
}

private func encodingBesideTheLibrary() -> Figure? {
    guard let library = LibraryKernel() else { return nil }
    let measured = Measurement.paired(operations: Column.rounds * Column.bytes.count) {
        Column.encode(using: VectorKernel())
    } limit: {
        Column.encode(using: library)
    }
    return Figure(
        bench: "storage", name: "encode beside ISA-L", value: Column.speed(measured.ours), unit: "MB/s",
        limit: Column.speed(measured.limit), limitName: "libisal", ratio: 1 / measured.ratio, better: .higher,
        target: 0.25)
}

private func sealing() -> Figure? {
    guard let pad = Pad(passes: 1) else { return nil }
    let hash = Blake2b()
    let tag = DomainTag("cn/pad.l")
    let message = [UInt8](repeating: 7, count: 176)
    let measured = Measurement.paired(operations: 2 * Pad.labelsPerUnit) {
        for _ in 0..<2 { baseline_keep(UInt64(pad.mask(from: .zero, using: hash)[0])) }
    } limit: {
        for _ in 0..<(2 * Pad.labelsPerUnit) {
            baseline_keep(UInt64(hash.digest512(tag, message.span.bytes)[0]))
        }
    }
    return Figure(
        bench: "storage", name: "seal, labels per second", value: 1e9 / measured.ours, unit: "labels/s",
        limit: 1e9 / measured.limit, limitName: "BLAKE2b of the same size", ratio: 1 / measured.ratio,
        better: .higher, target: 0.95)
}
