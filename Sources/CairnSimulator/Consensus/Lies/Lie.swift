import CairnBase
import CairnConsensus

/// How one lying server lies. It hears everything its node hears and decides what becomes of everything it says.
struct Lie: Sendable {
    enum Kind: CaseIterable, Sendable {
        case silent, equivocator, voteSplitter, withholder, staleReplayer, garbageCertificates, futureSpammer
        case lyingStatus, lateNullifier, twins, headerForger
    }

    let kind: Kind
    private var behaviour: any Behaviour

    init(_ kind: Kind) {
        self.kind = kind
        behaviour =
            switch kind {
            case .silent: Silent()
            case .equivocator: Equivocator()
            case .voteSplitter: VoteSplitter()
            case .withholder: Withholder()
            case .staleReplayer: StaleReplayer()
            case .garbageCertificates: GarbageCertificates()
            case .futureSpammer: FutureSpammer()
            case .lyingStatus: LyingStatus()
            case .lateNullifier: LateNullifier()
            case .twins: TwinSpeaker()
            case .headerForger: HeaderForger()
            }
    }

    /// A liar's core does not stop because its key is in use twice, and does not ask before it votes.
    static let rules = Rules.all.lifting([.stopOnForeignVote, .askBeforeVoting])

    mutating func speak(
        _ message: ConsensusMessage, to targets: [ProcessID], as liar: ConsensusProcess, random: inout SeededRandom,
        into effects: inout [ConsensusProcess.Effect]
    ) {
        var stage = Liar(process: liar, random: random)
        behaviour.speak(message, to: targets, on: &stage)
        random = stage.random
        effects += stage.effects
    }

    mutating func overhear(
        _ message: ConsensusMessage, as liar: ConsensusProcess, random: inout SeededRandom,
        into effects: inout [ConsensusProcess.Effect]
    ) {
        var stage = Liar(process: liar, random: random)
        behaviour.overhear(message, on: &stage)
        random = stage.random
        effects += stage.effects
    }
}

/// One way to lie.
protocol Behaviour: Sendable {
    /// What the honest core would have said, and to whom.
    mutating func speak(_ message: ConsensusMessage, to targets: [ProcessID], on liar: inout Liar)
    mutating func overhear(_ message: ConsensusMessage, on liar: inout Liar)
}

extension Behaviour {
    mutating func overhear(_: ConsensusMessage, on _: inout Liar) {}
}

/// What a lie has to work with: its own key, the network, and chance.
struct Liar {
    let process: ConsensusProcess
    var random: SeededRandom
    var effects: [ConsensusProcess.Effect] = []

    var position: ChainPosition { process.core.position }

    mutating func say(_ message: ConsensusMessage, to targets: [ProcessID]) {
        for target in targets { effects.append(.send(to: target, .consensus(message))) }
    }

    mutating func say(_ body: ConsensusMessage.Body, to targets: [ProcessID]) {
        say(ConsensusMessage(position: position, body: body), to: targets)
    }

    /// Two groups, the same for every message of a view, so that each can be told its own story.
    func halves(_ targets: [ProcessID]) -> (left: [ProcessID], right: [ProcessID]) {
        let draw = process.world.random.fork("halves", position.view.number)
        let isLeft: (ProcessID) -> Bool = { draw.fork("side", UInt64($0.index)).draw(2) == 0 }
        return (targets.filter(isLeft), targets.filter { !isLeft($0) })
    }

    mutating func some(_ targets: [ProcessID]) -> [ProcessID] {
        var chosen: [ProcessID] = []
        for target in targets where random.flip() { chosen.append(target) }
        return chosen
    }

    func vote(_ kind: VoteKind, _ view: View, _ block: Digest) -> Vote? {
        guard let seat = process.core.seat else { return nil }
        let statement = VoteStatement(epoch: position.epoch, view: view, kind: kind, block: block)
        return Vote(
            statement: statement, voter: seat,
            signature: process.sign(statement.signedBytes(chain: process.world.chain)))
    }

    /// The same block with another payload, signed as a proposal.
    mutating func variant(of proposal: Proposal) -> Proposal? {
        let header = proposal.header
        // Sometimes one that fails validation.
        let payload = Payload(bytes: [random.below(4) == 0 ? 0xff : 1] + (0..<4).map { _ in UInt8(random.below(128)) })
        let other = Header(
            chain: header.chain, epoch: header.epoch, view: header.view, height: header.height,
            parent: header.parent, parentView: header.parentView,
            payload: payload.reference(using: process.world.hash), time: header.time, leader: header.leader,
            nextCommittee: header.nextCommittee, startState: header.startState, randomness: header.randomness)
        return propose(Block(header: other, payload: payload), certificates: proposal.certificates)
    }

    func propose(_ block: Block, certificates: [Certificate]) -> Proposal? {
        guard let vote = vote(.notarize, block.header.view, block.header.digest(using: process.world.hash)) else {
            return nil
        }
        return Proposal(block: block, signature: vote.signature, certificates: certificates)
    }

    /// A step that starts where the liar likes, with a proof that fits it.
    func randomness(at height: Height, from previous: Digest) -> RandomnessStep {
        let world = process.world
        let input = Randomness.input(chain: world.chain, height: height, previous: previous, using: world.hash)
        let (output, proof) = world.keys.prove(input, as: world.validators[process.id.index].randomnessKey)
        return RandomnessStep(previous: previous, output: output, proof: proof)
    }
}
