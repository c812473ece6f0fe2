import CairnBase

/// The faults with a time and a length, drawn before the run so that each can be left out by name.
///
/// Each kind has its own stream, and so has each server within a kind, so more servers do not move the faults of
/// others.
struct FaultPlan {
    struct Entry {
        let fault: Fault
        let start: Instant
        let end: Instant
        let action: Action
    }

    enum Action {
        case kill, powerLoss, pause
        case partition(members: [ProcessID], isOneWay: Bool)
        case clogIn, clogOut
        case throttle(bitsPerSecond: UInt64)
        case fullSpell, errorSpell
        case bitRot
        case clockLeap(TimeSpan)
        case clockStep(milliseconds: Int64)
    }

    /// Set in the numbers of faults that strike several servers in concert, to keep them apart from single ones.
    private static let together: UInt64 = 1 << 32
    /// Set in the numbers of faults that a script adds.
    private static let scripted: UInt64 = 1 << 33

    private(set) var entries: [Entry] = []
    private let options: SwarmOptions
    private let root: SeededRandom

    init(options: SwarmOptions, random: SeededRandom) {
        self.options = options
        root = random.fork("plan")
        perServer(.kill, every: options.killEvery) { _ in .kill }
        perServer(.powerLoss, every: options.powerLossEvery) { _ in .powerLoss }
        perServer(.pause, every: options.pauseEvery) { _ in .pause }
        perServer(.clogIn, every: options.clogEvery * 2) { _ in .clogIn }
        perServer(.clogOut, every: options.clogEvery * 2) { _ in .clogOut }
        perServer(.throttle, every: options.throttleEvery) { .throttle(bitsPerSecond: $0.whole(20_000...500_000)) }
        perServer(.fullSpell, every: options.fullSpellEvery) { _ in .fullSpell }
        perServer(.errorSpell, every: options.errorSpellEvery) { _ in .errorSpell }
        perServer(.bitRot, every: options.bitRotEvery) { _ in .bitRot }
        perServer(.clockLeap, every: options.clockLeapEvery) { .clockLeap($0.span(.milliseconds(1), .seconds(3_600))) }
        perServer(.clockStep, every: options.clockStepEvery) { random in
            .clockStep(milliseconds: Int64(random.below(7_200_000)) - 3_600_000)
        }
        partitions()
        swizzles()
        blackouts()
    }

    /// A fault that a script wants now. Answers its place in the plan.
    mutating func add(_ kind: FaultKind, _ process: ProcessID, at now: Instant, for length: TimeSpan, _ action: Action)
        -> Int
    {
        let fault = Fault(kind, process: process, number: Self.scripted | UInt64(entries.count))
        entries.append(Entry(fault: fault, start: now, end: now + length, action: action))
        return entries.count - 1
    }

    private mutating func perServer(
        _ kind: FaultKind, every mean: TimeSpan, _ action: (inout SeededRandom) -> Action
    ) {
        guard mean > .zero else { return }
        for index in 0..<options.cluster.servers {
            var random = root.fork("server", UInt64(kind.rawValue) << 32 | UInt64(index))
            Self.eachTime(within: options.safety, every: mean, using: &random) { number, start, random in
                let fault = Fault(kind, process: ProcessID(index), number: number)
                let length = random.span(.milliseconds(1), options.outageLimit)
                entries.append(Entry(fault: fault, start: start, end: start + length, action: action(&random)))
            }
        }
    }

    /// A partition cuts a random set of processes from the rest, both ways or one way.
    private mutating func partitions() {
        var random = root.fork("partitions")
        Self.eachTime(within: options.safety, every: options.partitionEvery, using: &random) { number, start, random in
            let size = Int(1 + random.below(UInt64(max(1, options.cluster.count - 1))))
            let members = options.processes.shuffled(using: &random).prefix(size).sorted()
            let action = Action.partition(members: members, isOneWay: random.below(3) == 0)
            let fault = Fault(.partition, process: members.first ?? ProcessID(0), number: number)
            let end = start + random.span(.milliseconds(10), options.outageLimit)
            entries.append(Entry(fault: fault, start: start, end: end, action: action))
        }
    }

    /// Every server dies at one instant. Each death is a fault of its own, so that a shrinker can spare some.
    private mutating func blackouts() {
        var random = root.fork("blackouts")
        Self.eachTime(within: options.safety, every: options.blackoutEvery, using: &random) { number, start, random in
            let losesPower = random.flip()
            for index in 0..<options.cluster.servers {
                let kind: FaultKind = losesPower ? .powerLoss : .kill
                let fault = Fault(kind, process: ProcessID(index), number: Self.together | number)
                let end = start + random.span(.milliseconds(1), options.outageLimit)
                entries.append(Entry(fault: fault, start: start, end: end, action: losesPower ? .powerLoss : .kill))
            }
        }
    }

    /// Swizzle-clogging, after FoundationDB: clog some servers one after another, open them in another order.
    private mutating func swizzles() {
        var random = root.fork("swizzles")
        Self.eachTime(within: options.safety, every: options.swizzleEvery, using: &random) { number, start, random in
            let size = 1 + Int(random.below(UInt64(options.cluster.servers)))
            let clogged = options.processes.prefix(options.cluster.servers).shuffled(using: &random).prefix(size)
            let step = random.span(.milliseconds(10), .milliseconds(500))
            let opening = clogged.indices.shuffled(using: &random)
            for (place, process) in clogged.enumerated() {
                let opens = UInt64(clogged.count + (opening.firstIndex(of: place) ?? place))
                let fault = Fault(.clogIn, process: process, number: Self.together | number)
                entries.append(
                    Entry(
                        fault: fault, start: start + step * UInt64(place), end: start + step * opens, action: .clogIn))
            }
        }
    }

    /// Visits instants of the safety phase whose gaps are even between 0 and twice the mean.
    private static func eachTime(
        within safety: TimeSpan, every mean: TimeSpan, using random: inout SeededRandom,
        _ body: (UInt64, Instant, inout SeededRandom) -> Void
    ) {
        guard mean > .zero else { return }
        let last = Instant.origin + safety
        var time = Instant.origin
        var number: UInt64 = 0
        while true {
            time = time + random.span(.microseconds(100), mean * 2)
            guard time < last else { return }
            body(number, time, &random)
            number += 1
        }
    }
}

extension SwarmOptions {
    var processes: [ProcessID] { (0..<cluster.count).map { ProcessID($0) } }
}
