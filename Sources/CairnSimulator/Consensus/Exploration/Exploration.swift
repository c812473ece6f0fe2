import CairnBase
import CairnConsensus

/// Every reachable state of a small chain: four servers of equal weight, one of them Byzantine, the first views.
///
/// The honest servers are the real core. The network is as bad as it can be: whatever was signed can reach anyone at any
/// time, in any order, or never, and timers fire whenever that hurts. The Byzantine server votes for everything, in every
/// view, and shows each vote to whom it likes. So with three servers beside it a certificate exists as soon as two honest
/// ones have signed for it, and a server can be handed any certificate that exists.
///
/// What is abstracted, and why nothing is lost by it:
/// - votes reach a server as whole certificates. One vote alone changes nothing but what the core remembers of it, except
///   a leader's nullify, whose effect is that of a timeout;
/// - what a server is handed shows only in what it signs next, so both are one step (partial-order reduction);
/// - a proposal is handed over when it can be judged; one that waits acts the same later;
/// - servers that lead none of these views are alike (symmetry reduction);
/// - disks answer at once. What a crash between two steps does is the simulator's and `CrashSweep`'s subject; with
///   `crashes` a server can lose its memory between any two inputs.
public struct Exploration {
    public struct Result: Sendable {
        public var schedule = ""
        /// Distinct states of the whole system, up to symmetry.
        public var states = 0
        public var transitions = 0
        /// Distinct states of single servers, in each of which the core was run.
        public var localStates = 0
        public var blocks = 0
        /// False when a limit on states, of the whole or of one server, ended the search.
        public var isComplete = true
        public var violation: String?
        /// The steps that lead to the violation: nothing shorter does.
        public var trace: [String] = []
    }

    private var repertoire: Repertoire
    private var automata: [LocalAutomaton] = []
    /// Which automaton each of the three honest servers follows.
    private let roles: [Int]
    /// Honest servers from this place on are alike.
    private let alikeFrom: Int
    private let crashes: Bool
    private let labels: [String]
    private var seen = StateSet()
    /// States in the order in which they were found, what they were found from, and whose step it was.
    private var found: [UInt64] = []
    private var origins: [(parent: UInt32, seat: UInt8)] = []
    private var result = Result()

    /// All schedules of leaders, one after the other. The limits are on states of the whole and of each single core.
    public static func all(
        views: Int, variants: Int, crashes: Bool = false, liftedRule: String? = nil, limit: Int = .max,
        coreLimit: Int = .max, each: (Result) -> Bool
    ) {
        let rules = Rules.named.first { $0.name == liftedRule }.map { Rules.all.lifting($0.rule) } ?? .all
        for schedule in LeaderSchedule.all(views: views, honest: 3) {
            var exploration = Exploration(
                schedule, variants: variants, crashes: crashes, rules: rules, coreLimit: coreLimit)
            guard each(exploration.run(limit: limit)) else { return }
        }
    }

    init(_ schedule: LeaderSchedule, variants: Int, crashes: Bool, rules: Rules, coreLimit: Int) {
        let parameters = ConsensusParameters(pace: .zero, epochLength: 100, delay: .milliseconds(100))
        let (world, seats) = schedule.world(servers: 4, rules: rules, parameters: parameters)
        let views = schedule.labels.count
        repertoire = Repertoire(world: world, byzantine: seats[0], views: views, variants: variants)
        let leading = schedule.labels.max() ?? 0
        alikeFrom = min(leading, 2)
        roles = (0..<3).map { min($0, leading) }
        labels = (0..<3).map { String(Character(UnicodeScalar(UInt8(97 + $0)))) }
        self.crashes = crashes
        result.schedule = schedule.text
        for role in 0...(roles.max() ?? 0) {
            automata.append(
                LocalAutomaton(
                    server: seats[1 + role], in: &repertoire, remembersLog: crashes, limit: coreLimit))
        }
    }

    /// Breadth first, up to `limit` states or the first violation.
    mutating func run(limit: Int) -> Result {
        enter(SIMD4(), from: 0, seat: 0)
        var next = 0
        while next < found.count, result.violation == nil {
            guard found.count < limit, !automata.contains(where: \.isFull) else {
                result.isComplete = false
                break
            }
            expand(next)
            next += 1
        }
        result.states = found.count
        result.localStates = automata.reduce(0) { $0 + $1.count }
        result.blocks = repertoire.blocks.count
        return result
    }

    private mutating func expand(_ index: Int) {
        let state = Self.unpacked(found[index])
        let faces = (0..<3).map { automata[roles[$0]].faces[state[$0]] }
        let surroundings = LocalAutomaton.Surroundings(
            certificates: Self.certificates(faces),
            proposed: faces[0].proposed | faces[1].proposed | faces[2].proposed)
        for seat in 0..<3 {
            // Of servers that are alike and in the same state, one step stands for all.
            if seat > alikeFrom, state[seat] == state[seat - 1] { continue }
            let outcomes = automata[roles[seat]].outcomes(
                from: state[seat], surroundings, crashes: crashes, in: &repertoire)
            for next in outcomes where result.violation == nil {
                result.transitions += 1
                var reached = state
                reached[seat] = Int(next)
                enter(reached, from: index, seat: seat)
            }
        }
    }

    /// What two of three honest servers have signed: the Byzantine one signs everything.
    private static func certificates(_ faces: [LocalAutomaton.Face]) -> Repertoire.Bits {
        (faces[0].cast & faces[1].cast) | (faces[0].cast & faces[2].cast) | (faces[1].cast & faces[2].cast)
    }

    private mutating func enter(_ state: SIMD4<Int>, from parent: Int, seat: Int) {
        let packed = packed(state)
        guard seen.insert(packed) else { return }
        found.append(packed)
        origins.append((UInt32(parent), UInt8(seat)))
        if let violation = violation(in: Self.unpacked(packed)) {
            result.violation = violation
            result.trace = trace(to: found.count - 1)
        }
    }

    // MARK: - What must hold

    private func violation(in state: SIMD4<Int>) -> String? {
        let faces = (0..<3).map { automata[roles[$0]].faces[state[$0]] }
        if let broken = faces.compactMap(\.broken).first { return broken }
        let exists = Self.certificates(faces)
        for word in 0..<4 {
            var rest = exists[word]
            while rest != 0 {
                let number = word * 64 + rest.trailingZeroBitCount
                rest &= rest - 1
                let harm = exists & repertoire.conflicts[number]
                guard !harm.isEmpty, let other = (0..<Repertoire.capacity).first(where: harm.contains) else { continue }
                return "certificates of \(text(number)) and of \(text(other))"
            }
        }
        return nil
    }

    // MARK: - Numbers and words

    private func packed(_ state: SIMD4<Int>) -> UInt64 {
        var state = state
        // The places of servers that are alike mean nothing: sorted, they are one state.
        for end in stride(from: 2, to: alikeFrom, by: -1) {
            for place in alikeFrom..<end where state[place] > state[place + 1] {
                (state[place], state[place + 1]) = (state[place + 1], state[place])
            }
        }
        return UInt64(state[0]) | UInt64(state[1]) << 21 | UInt64(state[2]) << 42
    }

    private static func unpacked(_ word: UInt64) -> SIMD4<Int> {
        let mask: UInt64 = 1 << 21 - 1
        return [Int(word & mask), Int(word >> 21 & mask), Int(word >> 42 & mask), 0]
    }

    private func text(_ number: Int) -> String {
        let statement = repertoire.statements[number]
        guard statement.kind != .nullify else { return "nullify \(statement.view)" }
        let block = repertoire.blocks.firstIndex { $0.header.digest(using: repertoire.world.hash) == statement.block }
        return "\(statement.kind) \(statement.view) block \(block.map(String.init) ?? "?")"
    }

    private func trace(to end: Int) -> [String] {
        var lines: [String] = []
        var index = end
        while index > 0 {
            let (parent, seat) = (Int(origins[index].parent), Int(origins[index].seat))
            let before = signed(in: parent)
            let new = signed(in: index).filter { !before.contains($0) }
            lines.append("\(labels[seat]) signs \(new.map { text($0 % Repertoire.capacity) }.joined(separator: ", "))")
            index = parent
        }
        return lines.reversed()
    }

    /// Everything signed in a state, by seat and statement.
    private func signed(in index: Int) -> [Int] {
        let state = Self.unpacked(found[index])
        return (0..<3).flatMap { seat in
            let cast = automata[roles[seat]].faces[state[seat]].cast
            let place = seat >= alikeFrom ? alikeFrom : seat
            return repertoire.statements.indices.filter(cast.contains).map { place * Repertoire.capacity + $0 }
        }
    }
}
