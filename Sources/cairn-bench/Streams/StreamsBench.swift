import CBaseline
import CairnBase
import CairnCrypto
import CairnRuntime

/// Sealed, multiplexed connections beside their cipher, their key agreement and bare TCP, each from the same run.
///
/// Both ends run on one core of one process, so a byte's bound is to be sealed once and opened once.
func streamsBench() -> [Figure] {
    do {
        return [inMemory(), try overLoopback(), try besidePlainTCP(), try roundTrips(), setUp()]
    } catch {
        fatalError("the streams benchmark could not run: \(error)")
    }
}

private let total = 32 << 20
private let megabytes = Double(1_000)

private func sealAndOpen() {
    baseline_keep(
        UInt64(baseline_seal_and_open(MemoryWire.piece, MemoryWire.piece.count, total / MemoryWire.piece.count)))
}

private func inMemory() -> Figure {
    var wire = MemoryWire(from: MemoryWire.freshIdentity(), to: MemoryWire.freshIdentity())
    let measured = Measurement.paired(operations: total, ours: { wire.send(total) }, limit: sealAndOpen)
    return Figure(
        bench: "streams", name: "state machines, 4 streams", value: megabytes / measured.ours, unit: "MB/s",
        limit: megabytes / measured.limit, limitName: "bare cipher, one core", ratio: 1 / measured.ratio,
        better: .higher, target: 0.8)
}

private func overLoopback() throws -> Figure {
    let pair = try LoopbackPair()
    let measured = try Measurement.paired(operations: total, ours: { try pair.send(total) }, limit: sealAndOpen)
    return Figure(
        bench: "streams", name: "over loopback, 4 streams", value: megabytes / measured.ours, unit: "MB/s",
        limit: megabytes / measured.limit, limitName: "bare cipher, one core", ratio: 1 / measured.ratio,
        better: .higher, target: 0.6)
}

private func besidePlainTCP() throws -> Figure {
    let pair = try LoopbackPair()
    let plain = try PlainTCP()
    let measured = try Measurement.paired(
        operations: total, ours: { try pair.send(total) }, limit: { plain.copy(total) })
    return Figure(
        bench: "streams", name: "the same", value: megabytes / measured.ours, unit: "MB/s",
        limit: megabytes / measured.limit, limitName: "plain TCP, one core", ratio: 1 / measured.ratio,
        better: .higher, target: 0.15)
}

private func roundTrips() throws -> Figure {
    let pair = try LoopbackPair()
    let plain = try PlainTCP()
    let count = 1_000
    let measured = try Measurement.paired(
        operations: count, ours: { for _ in 0..<count { try pair.roundTrip(32) } },
        limit: { for _ in 0..<count { plain.roundTrip(32) } })
    return Figure(
        bench: "streams", name: "round trip of 32 bytes", value: measured.ours / 1_000, unit: "us",
        limit: measured.limit / 1_000, limitName: "plain TCP, one thread", ratio: measured.ratio, better: .lower,
        target: 10)
}

private func setUp() -> Figure {
    let (ours, theirs) = (MemoryWire.freshIdentity(), MemoryWire.freshIdentity())
    let count = 100
    let measured = Measurement.paired(
        operations: count,
        ours: {
            for _ in 0..<count { baseline_keep(MemoryWire(from: ours, to: theirs).isConnected ? 1 : 0) }
        }, limit: { baseline_keep(UInt64(baseline_set_up(count))) })
    return Figure(
        bench: "streams", name: "CPU per set-up, both ends", value: measured.ours / 1_000, unit: "us",
        limit: measured.limit / 1_000, limitName: "8 DH, 2 verifications", ratio: measured.ratio, better: .lower,
        target: 1.5)
}

/// A bare TCP connection on loopback, both ends in this thread.
private struct PlainTCP {
    private var sockets: [Int32] = [-1, -1]

    init() throws(SystemError) {
        let error = baseline_tcp_pair(&sockets)
        guard error == 0 else { throw SystemError("socket", code: -error) }
    }

    func copy(_ total: Int) { baseline_keep(UInt64(baseline_tcp_copy(sockets, total, MemoryWire.piece.count))) }

    func roundTrip(_ count: Int) { baseline_keep(UInt64(baseline_tcp_round_trip(sockets, count))) }
}
