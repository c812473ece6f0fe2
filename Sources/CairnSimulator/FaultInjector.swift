import CairnBase

/// Decides fault by fault, counts what struck, and records it when asked.
struct FaultInjector {
    private static let logLimit = 2_000_000

    private let seed: UInt64
    /// The faults that may strike; nil when the seed decides.
    private let chosen: Set<Fault>?
    private let records: Bool
    /// False in the liveness phase.
    var isActive = true
    private(set) var counts = [UInt64](repeating: 0, count: FaultKind.allCases.count)
    private(set) var log: [InjectedFault] = []

    init(random: SeededRandom, selection: FaultSelection, records: Bool) {
        var stream = random.fork("injector")
        seed = stream.next()
        chosen =
            switch selection {
            case .all: nil
            case .only(let faults): faults
            }
        self.records = records
    }

    /// Whether a fault that happens `ppm` times in a million strikes here.
    mutating func strikes(
        _ kind: FaultKind, _ process: ProcessID, _ peer: ProcessID = ProcessID(0), number: UInt64, ppm: UInt64,
        at now: Instant, _ detail: @autoclosure () -> String
    ) -> Bool {
        guard isActive else { return false }
        let fault = Fault(kind, process: process, peer: peer, number: number)
        if let chosen {
            guard chosen.contains(fault) else { return false }
        } else {
            guard ppm > 0 else { return false }
            var stream = stream(for: fault)
            guard stream.chance(ppm: ppm) else { return false }
        }
        strike(fault, at: now, detail())
        return true
    }

    /// Whether a planned fault may go ahead.
    func allows(_ fault: Fault) -> Bool {
        isActive && chosen?.contains(fault) ?? true
    }

    mutating func strike(_ fault: Fault, at now: Instant, _ detail: @autoclosure () -> String) {
        counts[Int(fault.kind.rawValue)] += 1
        if records, log.count < Self.logLimit { log.append(InjectedFault(fault: fault, at: now, detail: detail())) }
    }

    /// Chance that belongs to one fault: how a torn disk is torn, how long a process stays down.
    func stream(for fault: Fault) -> SeededRandom {
        var mixed = SeededRandom.mixed(seed ^ UInt64(fault.kind.rawValue) &* 0x9e37_79b9_7f4a_7c15)
        mixed = SeededRandom.mixed(mixed ^ (UInt64(fault.process) << 32 | UInt64(fault.peer)))
        return SeededRandom(seed: SeededRandom.mixed(mixed ^ fault.number))
    }

    /// For `FaultPoints`: nil when every point may fire.
    var allowedPoints: [UInt64]? {
        guard isActive else { return [] }
        return chosen?.filter { $0.kind == .point }.map(\.number).sorted()
    }
}

extension SeededRandom {
    /// One step of a generator that starts at `value`: a cheap way to mix a word.
    static func mixed(_ value: UInt64) -> UInt64 {
        var stream = SeededRandom(seed: value)
        return stream.next()
    }
}
