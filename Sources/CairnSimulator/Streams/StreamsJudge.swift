public import CairnBase
internal import CairnTransport

/// What must hold of streams, whatever the wire and the liars do.
///
/// Bytes arrive in order, once and unaltered, or not at all. No connection believes anything behind an altered byte, and
/// in the end none is left that had one. Nobody holds more than the limits allow. Every question is answered rightly or given up
/// by its deadline. Once faults have ceased, every honest node gets answers again.
public struct StreamsJudge: Checker {
    private struct Transfer {
        var header: [UInt8] = []
        var count = 0

        var key: UInt64? {
            header.count < 8 ? nil : header.reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
    }

    private struct Question {
        let peer: ProcessID
        let bytes: [UInt8]
        let deadline: Instant
    }

    /// What one process sees of a stream or a socket.
    private struct Seen<Name: Hashable & Sendable>: Hashable {
        let by: ProcessID
        let name: Name
    }

    private let liars: Set<ProcessID>
    private let limits = Limits()
    // ORDER: all of these are looked up, filtered and counted, never walked for their order.
    private var pours: [UInt64: Int] = [:]
    private var transfers: [Seen<StreamPlace>: Transfer] = [:]
    private var questions: [Seen<StreamPlace>: Question] = [:]
    private var altered: [Seen<SocketName>: Instant] = [:]
    private var core: Set<ProcessID> = []
    private var answeredSinceHealing: Set<ProcessID> = []
    private var healedAt: Instant?

    init(liars: Set<ProcessID>) {
        self.liars = liars
    }

    public mutating func observe(_ step: Step<StreamsProcess>, hosts: [Host<StreamsProcess>]) -> Violation? {
        for case .observe(let observation) in step.effects {
            if let violation = judge(observation, of: step.process, at: step.now) { return violation }
        }
        return hosts[step.process.index].process?.peer.flatMap { judgeHoldings($0, of: step.process) }
    }

    private mutating func judge(
        _ observation: StreamsObservation, of process: ProcessID, at now: Instant
    ) -> Violation? {
        switch observation {
        case .pouring(let key, let count): pours[key] = count
        case .poured(let place, let from, let bytes):
            return liars.contains(from) ? nil : judgeBytes(bytes, Seen(by: process, name: place))
        case .pouredAll(let place): return judgeEnd(Seen(by: process, name: place))
        case .asked(let place, let peer, let bytes, let deadline):
            questions[Seen(by: process, name: place)] = Question(peer: peer, bytes: bytes, deadline: deadline)
        case .answered(let place, let answer): return judgeAnswer(answer, Seen(by: process, name: place))
        case .gaveUp(let place): questions[Seen(by: process, name: place)] = nil
        case .altered(let name): altered[Seen(by: process, name: name)] = now
        case .believed(let name):
            guard altered[Seen(by: process, name: name)] == nil else {
                return Violation("survived-altered-byte", "\(process) believed what came on \(name)")
            }
        case .ended(let name): altered[Seen(by: process, name: name)] = nil
        case .acted(let clock):
            let late = questions.contains { $0.key.by == process && $0.value.deadline <= clock }
            return late ? Violation("question-left-open", "\(process) is past the deadline of a question") : nil
        }
        return nil
    }

    private mutating func judgeBytes(_ bytes: [UInt8], _ seen: Seen<StreamPlace>) -> Violation? {
        var transfer = transfers[seen] ?? Transfer()
        let head = bytes.prefix(8 - transfer.header.count)
        transfer.header += head
        let rest = Array(bytes.dropFirst(head.count))
        defer { transfers[seen] = transfer }
        guard let key = transfer.key else { return nil }
        guard let total = pours[key], transfer.count + rest.count <= total else {
            return Violation("foreign-bytes", "\(seen.by) received what nobody sends, on \(seen.name)")
        }
        guard rest == StreamsPeer.content(key, transfer.count, rest.count) else {
            return Violation("altered-bytes", "\(seen.by) received others than were sent, on \(seen.name)")
        }
        transfer.count += rest.count
        return nil
    }

    private mutating func judgeEnd(_ seen: Seen<StreamPlace>) -> Violation? {
        guard let transfer = transfers.removeValue(forKey: seen), let key = transfer.key else { return nil }
        guard pours[key] == transfer.count else {
            return Violation("short-transfer", "\(seen.by) was told \(seen.name) is whole at \(transfer.count) bytes")
        }
        return nil
    }

    private mutating func judgeAnswer(_ answer: [UInt8], _ seen: Seen<StreamPlace>) -> Violation? {
        guard let question = questions.removeValue(forKey: seen) else {
            return Violation("unasked-answer", "\(seen.by) got an answer on \(seen.name)")
        }
        guard !liars.contains(question.peer) else { return nil }
        guard answer == StreamsPeer.answer(to: question.bytes) else {
            return Violation("wrong-answer", "\(seen.by) got another answer than was given, on \(seen.name)")
        }
        if healedAt != nil { answeredSinceHealing.insert(seen.by) }
        return nil
    }

    private func judgeHoldings(_ peer: StreamsPeer, of process: ProcessID) -> Violation? {
        let queues = SendClass.allCases.reduce(0) { $0 + queue($1) }
        for (name, link) in peer.plane.links {
            let usage = link.connection.usage
            let streams = limits.streams.inboundPerConnection + limits.streams.unacknowledged + 16
            if usage.streams > streams || usage.unconsumed > limits.streams.bytesPerConnection || usage.unsent > queues
                || link.socket.heldCount > 3 * SimulatedSocket.window
            {
                return Violation("over-limit", "\(process) holds \(usage), \(link.socket.heldCount) bytes on \(name)")
            }
        }
        let count = peer.plane.links.count
        return count > StreamPlane.linkLimit + 3 ? Violation("over-limit", "\(process) has \(count) links") : nil
    }

    private func queue(_ sendClass: SendClass) -> Int {
        switch sendClass {
        case .control: limits.connections.controlQueue
        case .urgent: limits.connections.voteQueue
        case .block: limits.connections.blockQueue
        case .bulk: limits.connections.bulkQueue
        }
    }

    /// Nothing is left of what a process had under way when it died.
    public mutating func stopped(_ process: ProcessID, at _: Instant) {
        questions = questions.filter { $0.key.by != process }
        transfers = transfers.filter { $0.key.by != process }
        altered = altered.filter { $0.key.by != process }
    }

    public mutating func healed(core: [ProcessID], at now: Instant) {
        self.core = Set(core).subtracting(liars)
        healedAt = now
    }

    /// Everybody has got an answer, and no connection is left that a byte was altered on.
    public func hasConverged(_: [Host<StreamsProcess>]) -> Bool {
        core.isSubset(of: answeredSinceHealing) && !altered.contains { core.contains($0.key.by) }
    }
}
