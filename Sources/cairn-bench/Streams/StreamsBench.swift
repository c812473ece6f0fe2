import CBaseline
import CairnBase
import CairnCrypto
import CairnRuntime

/// Sealed, multiplexed connections beside their cipher, their key agreement and bare TCP, each from the same run.
///
/// Both ends run on one core of one process, so a byte's bound is to be sealed once and opened once.
func streamsBench() -> [Figure] {
    do {
        return [inMemory(), try overLoopback(), try besidePlainTCP()] + (try roundTrips())
            + [setUp(), try idle()] + (try votesBehindBulk())
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

private func roundTrips() throws -> [Figure] {
    let pair = try LoopbackPair()
    let plain = try PlainTCP()
    var (ours, limit): ([Double], [Double]) = ([], [])
    for _ in 0..<5_000 {
        ours.append(try Measurement.nanoseconds { try pair.roundTrip(32) } / 1_000)
        limit.append(Measurement.nanoseconds { plain.roundTrip(32) } / 1_000)
    }
    return [(50, 5.0), (99, 8.0)].map { percent, target in
        let (value, bound) = (Measurement.percentile(percent, ours), Measurement.percentile(percent, limit))
        return Figure(
            bench: "streams", name: "round trip of 32 bytes, p\(percent)", value: value, unit: "us", limit: bound,
            limitName: "plain TCP, one thread", ratio: value / bound, better: .lower, target: target)
    }
}

private func idle() throws -> Figure {
    let bytes = try IdleConnections.bytesPerEnd(1_000) / 1_024
    return Figure(
        bench: "streams", name: "idle, 1,000 connections", value: bytes, unit: "KiB/end", limit: 32,
        limitName: "bound", ratio: bytes / 32, better: .lower, target: 1)
}

/// A link that bulk keeps full: a vote waits for what the kernel and the link hold, and for one frame.
private func votesBehindBulk() throws -> [Figure] {
    let pair = try LoopbackPair(bitsPerSecond: 20_000_000)
    let idle = try pair.votes(200, every: .milliseconds(10), behindBulk: false)
    let busy = try pair.votes(500, every: .milliseconds(10), behindBulk: true)
    return [50, 99].map { percent in
        let above = (Measurement.percentile(percent, busy) - Measurement.percentile(percent, idle)) / 1e6
        return Figure(
            bench: "streams", name: "vote behind bulk, p\(percent) - idle", value: above, unit: "ms", limit: 20,
            limitName: "bound at 20 Mbit/s", ratio: above / 20, better: .lower, target: 1)
    }
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
