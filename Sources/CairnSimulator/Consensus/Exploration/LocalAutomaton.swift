import CairnBase
import CairnConsensus

/// One honest server of a small model as a finite automaton, unfolded from the real core on demand.
///
/// Honest servers act on nothing but what they are handed, so whatever happens to all of them together is a path
/// through the product of their automata. The core itself runs once for each local state and input; the product, which is
/// far larger, is walked on numbers.
struct LocalAutomaton {
    enum Input: Hashable {
        case certificate(Int)
        case proposal(Int)
        /// The whole time of the current view is over.
        case timeout
        /// Killed, and started again from its disk.
        case restart
    }

    /// What the others can know of a local state.
    struct Face: Equatable {
        /// Statements signed, in all lives.
        var cast = Repertoire.Bits()
        /// Blocks proposed.
        var proposed: UInt64 = 0
        /// It has signed what contradicts itself.
        var broken: String?
    }

    let server: Int
    private(set) var faces: [Face] = []
    private var actors: [LoneCore] = []
    private var steps: [[Int32]] = []
    // ORDER: looked up, never walked.
    private var numbers: [[UInt64]: Int] = [:]
    // ORDER: looked up, never walked.
    private var answers: [Question: [Int32]] = [:]
    private let remembersLog: Bool

    private struct Question: Hashable {
        let state: Int
        let surroundings: Surroundings
    }

    private static let unknown: Int32 = -1
    /// Each state is a whole core with its log: sixty thousand are about two gigabytes.
    private let limit: Int
    /// A state was met for which there was no room: the search is no longer complete.
    private(set) var isFull = false

    init(server: Int, in repertoire: inout Repertoire, remembersLog: Bool, limit: Int) {
        self.server = server
        self.remembersLog = remembersLog
        self.limit = limit
        var actor = LoneCore(repertoire.world, server: server)
        var face = Face()
        let effects = actor.handle(.start(recovered: nil, nonce: 1), at: .origin)
        Self.note(effects, of: actor, since: 0, in: &face, &repertoire)
        _ = add(actor, face, repertoire)
    }

    var count: Int { faces.count }

    /// What of the whole system a server's next steps depend on.
    struct Surroundings: Hashable {
        /// Statements of which a certificate exists.
        var certificates: Repertoire.Bits
        /// Blocks that honest leaders have proposed.
        var proposed: UInt64
    }

    /// Every state this server can be in after it has signed one thing more.
    ///
    /// Before that it may be handed any certificates, in any order. Nobody else can tell whether it has been, so those
    /// steps are taken together with the one that signs, and only what follows it is a state of the system. And of two
    /// states that have signed the same, one that the other can still be brought to by certificates adds nothing.
    mutating func outcomes(
        from state: Int, _ surroundings: Surroundings, crashes: Bool, in repertoire: inout Repertoire
    ) -> [Int32] {
        let key = Question(state: state, surroundings: surroundings)
        if let known = answers[key] { return known }
        let inputs = inputs(surroundings, crashes: crashes, repertoire)
        var outcomes = closure(of: state, inputs, in: &repertoire).outcomes
        if outcomes.count > 1 {
            for outcome in outcomes where outcomes.contains(outcome) {
                let silent = closure(of: outcome, inputs, in: &repertoire).silent
                outcomes.removeAll { $0 != outcome && silent.contains($0) }
            }
        }
        let answer = outcomes.map { Int32($0) }
        answers[key] = answer
        return answer
    }

    /// The states reached without signing anything, and those reached by signing one thing more.
    private mutating func closure(
        of state: Int, _ inputs: [Input], in repertoire: inout Repertoire
    ) -> (silent: [Int], outcomes: [Int]) {
        var silent = [state]
        // ORDER: asked for members only; the results keep the order in which they were found.
        var visited: Set<Int> = [state]
        var outcomes: [Int] = []
        var next = 0
        while next < silent.count {
            for input in inputs {
                let reached = step(from: silent[next], input, in: &repertoire)
                guard visited.insert(reached).inserted else { continue }
                if faces[reached] == faces[state] { silent.append(reached) } else { outcomes.append(reached) }
            }
            next += 1
        }
        return (silent, outcomes)
    }

    private func inputs(_ surroundings: Surroundings, crashes: Bool, _ repertoire: Repertoire) -> [Input] {
        var inputs: [Input] = crashes ? [.timeout, .restart] : [.timeout]
        inputs += repertoire.statements.indices.filter(surroundings.certificates.contains).map(Input.certificate)
        inputs += repertoire.byzantineBlocks.map { .proposal($0.block) }
        inputs += repertoire.blocks.indices.filter { surroundings.proposed >> UInt64($0) & 1 == 1 }.map(Input.proposal)
        return inputs
    }

    /// The state after an input; the same state when the input changes nothing, or may not be given yet.
    private mutating func step(from state: Int, _ input: Input, in repertoire: inout Repertoire) -> Int {
        let slot = Self.slot(input)
        let known = steps[state][slot]
        if known != Self.unknown { return Int(known) }
        let next = run(from: state, input, in: &repertoire)
        steps[state][slot] = Int32(next)
        return next
    }

    private static func slot(_ input: Input) -> Int {
        switch input {
        case .timeout: 0
        case .restart: 1
        case .certificate(let number): 2 + number
        case .proposal(let number): 2 + Repertoire.capacity + number
        }
    }

    private mutating func run(from state: Int, _ input: Input, in repertoire: inout Repertoire) -> Int {
        var actor = actors[state]
        var face = faces[state]
        let before = actor.log.votes.count
        let sender = repertoire.world.validators[repertoire.byzantine].node
        let effects: [ConsensusEffect]
        switch input {
        case .certificate(let number):
            let message = repertoire.certificate(of: number, for: server)
            effects = actor.handle(.message(message, from: sender), at: .origin)
        case .proposal(let number):
            let block = repertoire.blocks[number]
            guard actor.core.position.view == block.header.view else { return state }
            effects = actor.handle(.message(repertoire.blockMessages[number], from: sender), at: .origin)
            // Handed over when it can be judged: one that waits for its ancestors does what it does when they are there.
            if actor.core.isWaiting(for: block.header.digest(using: repertoire.world.hash)) { return state }
        case .timeout: effects = actor.fire(.advance, at: .origin)
        case .restart: effects = actor.restart(at: .origin)
        }
        Self.note(effects, of: actor, since: before, in: &face, &repertoire)
        return add(actor, face, repertoire) ?? state
    }

    /// The number of a state, new or known; nil when it is new and there is no room.
    private mutating func add(_ actor: LoneCore, _ face: Face, _ repertoire: Repertoire) -> Int? {
        var key = actor.core.outline(through: repertoire.lastView)
        for word in 0..<4 { key.append(face.cast[word]) }
        key.append(face.proposed)
        if remembersLog {
            // Every restart may log a certificate again; a log that says a thing twice is the log that says it once.
            // ORDER: sorted before it is used.
            key += Set(actor.log.certificates.map { UInt64($0.kind.rawValue) << 56 | $0.view.number }).sorted()
        }
        if let known = numbers[key] { return known }
        guard faces.count < limit else {
            isFull = true
            return nil
        }
        let number = faces.count
        numbers[key] = number
        actors.append(actor)
        faces.append(face)
        steps.append([Int32](repeating: Self.unknown, count: 2 + Repertoire.capacity + Repertoire.blockCapacity))
        return number
    }

    /// Takes down what was signed and proposed, and whether it contradicts what was signed before (S5).
    private static func note(
        _ effects: [ConsensusEffect], of actor: LoneCore, since before: Int, in face: inout Face,
        _ repertoire: inout Repertoire
    ) {
        for effect in effects {
            guard case .broadcast(.proposal(let proposal)) = effect,
                proposal.proposal.header.view <= repertoire.lastView
            else { continue }
            face.proposed |= 1 << UInt64(repertoire.number(of: proposal.proposal.block))
        }
        for vote in actor.log.votes.dropFirst(before) where vote.statement.view <= repertoire.lastView {
            let number = repertoire.number(of: vote.statement)
            for other in repertoire.statements.indices where face.cast.contains(other) {
                face.broken = face.broken ?? contradiction(vote.statement, repertoire.statements[other])
            }
            face.cast.insert(number)
        }
    }

    private static func contradiction(_ new: VoteStatement, _ old: VoteStatement) -> String? {
        guard new.view == old.view, new != old else { return nil }
        switch (old.kind, new.kind) {
        case (.notarize, .notarize): return "S5 two notarizes"
        case (.finalize, .finalize): return "S5 two finalizes"
        case (.nullify, .finalize), (.finalize, .nullify): return "S5 nullify and finalize"
        default: return nil
        }
    }
}
