import CairnBase

/// Stands between the sockets of a tested node and the network, and does to the traffic what `faults` says.
///
/// A node has one only when its configuration says that it is there to be tested. Whoever is cut off is silent, as behind
/// a cable that was pulled: connections stand and nothing passes, datagrams are gone. One side that cuts is enough.
final class FaultGate {
    var faults = NodeFaults() {
        // ORDER: looked up only.
        didSet { cut = Set(faults.cut) }
    }

    struct Counters: Sendable, Equatable {
        var cut: UInt64 = 0
        var lost: UInt64 = 0
        var delayed: UInt64 = 0
    }

    enum Fate: Equatable {
        case passes, isGone
        case waits(TimeSpan)
    }

    private(set) var counters = Counters()
    private var cut: Set<IPAddress> = []
    private var random: SeededRandom

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    func isCut(_ address: IPAddress) -> Bool { cut.contains(address) }

    /// What becomes of a datagram that arrives; its delay was its sender's.
    func admits(from address: IPAddress) -> Bool {
        guard isCut(address) else { return true }
        counters.cut += 1
        return false
    }

    /// What becomes of a datagram that leaves.
    func fate(to address: IPAddress) -> Fate {
        if isCut(address) {
            counters.cut += 1
            return .isGone
        }
        if faults.lossPPM > 0, random.chance(ppm: faults.lossPPM) {
            counters.lost += 1
            return .isGone
        }
        guard faults.delay > .zero else { return .passes }
        counters.delayed += 1
        return .waits(faults.delay)
    }

    /// How long bytes of a stream are held back. A stream loses nothing: what the network loses, the kernel of the sender
    /// says again, after this much.
    func holdTime() -> TimeSpan {
        let isLost = faults.lossPPM > 0 && random.chance(ppm: faults.lossPPM)
        if isLost { counters.lost += 1 }
        return faults.delay + (isLost ? Self.retransmission : .zero)
    }

    /// The least that Linux waits before it sends again.
    private static let retransmission = TimeSpan.milliseconds(200)

    /// What the calendar of this node says.
    var wall: WallTime {
        let milliseconds = Clock.wall().millisecondsSince1970
        let magnitude = faults.skew.magnitude
        return WallTime(
            millisecondsSince1970: faults.skew < 0
                ? milliseconds - min(magnitude, milliseconds) : milliseconds.addingReportingOverflow(magnitude).0)
    }
}

/// What a connection asks the gate about itself.
extension FaultGate {
    func valve(to address: IPAddress) -> StreamValve {
        StreamValve(
            isShut: { [weak self] in self?.isCut(address) ?? false },
            holdTime: { [weak self] in self?.holdTime() ?? .zero })
    }
}
