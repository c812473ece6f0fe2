import CairnBase
import CairnNode
import CairnStorage
import CairnTransport
import CairnWire

/// One question to one provider, asked again while it is busy or away, until it is answered or its time is over.
final class PersistentQuestion {
    enum Outcome {
        case answered([UInt8], after: TimeSpan)
        /// With whether the provider had a fair chance to answer.
        case over(wasFair: Bool)
    }

    /// Between two tries while the provider is busy, or not connected just then.
    private static let pause = TimeSpan.milliseconds(200)
    /// Every so many tries that found no connection, one is asked for.
    private static let triesPerVisit = 5

    private let network: PeerNetwork
    private let provider: NodeID
    private let bytes: [UInt8]
    private let deadline: TimeSpan
    private let countsFromAsking: Bool
    private let visit: (NodeID) -> Bool
    private var attempt: Attempt
    private var asked: Instant?
    private var open: PeerNetwork.OpenQuestion?
    private var unreached = 0
    private var done: ((Outcome) -> Void)?

    /// - Parameters:
    ///   - countsFromAsking: the time begins when the provider is asked for the first time; until then it has as long to be
    ///     reached.
    ///   - visit: dials the provider; says whether it is being dialled.
    init(
        _ question: PieceQuestion, of provider: NodeID, on network: PeerNetwork, within deadline: TimeSpan,
        countsFromAsking: Bool = false, visit: @escaping (NodeID) -> Bool, _ done: @escaping (Outcome) -> Void
    ) {
        self.network = network
        self.provider = provider
        self.deadline = deadline
        self.countsFromAsking = countsFromAsking
        self.visit = visit
        self.done = done
        bytes = question.encoded
        attempt = Attempt(begin: network.loop.now, within: deadline)
    }

    func start() {
        network.loop.after(deadline) { [weak self] in
            guard let self, asked == nil || !countsFromAsking else { return }
            end(.over(wasFair: attempt.wasFair))
        }
        ask()
    }

    private func ask() {
        guard done != nil else { return }
        open = network.ask(.pieces, bytes, of: provider) { [weak self] answer in self?.hear(answer) }
        if open != nil {
            attempt.reach(at: network.loop.now)
            if asked == nil { begin() }
        } else {
            if unreached.isMultiple(of: Self.triesPerVisit), visit(provider) { attempt.reach(at: network.loop.now) }
            unreached += 1
            askLater()
        }
    }

    private func begin() {
        asked = network.loop.now
        guard countsFromAsking else { return }
        network.loop.after(deadline) { [weak self] in self?.end(.over(wasFair: true)) }
    }

    private func askLater() {
        network.loop.after(Self.pause) { [weak self] in self?.ask() }
    }

    private func hear(_ answer: PeerAnswer) {
        open = nil
        // Who says that it has nothing to show may have in a moment.
        guard case .answered(PieceStatus.well.rawValue, let bytes) = answer else { return askLater() }
        end(.answered(bytes, after: network.loop.now.since((countsFromAsking ? asked : nil) ?? attempt.begin)))
    }

    func cancel() {
        done = nil
        if let open { network.cancel(open) }
    }

    private func end(_ outcome: Outcome) {
        guard let done else { return }
        self.done = nil
        if let open { network.cancel(open) }
        done(outcome)
    }
}
