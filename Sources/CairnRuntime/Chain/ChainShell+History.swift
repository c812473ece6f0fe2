import CairnBase
import CairnConsensus
import CairnNode
public import CairnTransport
import CairnWire
import CairnWitness

/// The past as peers ask each other for it: blocks that a quorum has named, and what catching up needs.
extension ChainShell {
    private static let blockQuestions = RequestKind(
        "block", .block, questionLimit: HistoryRequest.byteLimit, answerLimit: HistoryAnswer.byteLimit,
        time: .seconds(5))
    private static let syncQuestions = RequestKind(
        "sync", .bulk, questionLimit: HistoryRequest.byteLimit, answerLimit: HistoryAnswer.byteLimit,
        time: .seconds(5))
    /// What the network of a chain's nodes is made to answer.
    public static let questionKinds = [blockQuestions, syncQuestions]

    /// The status of an answer without anything: it is not here, or not to be had now.
    static let nothing: UInt8 = 1

    /// A block on its way here.
    struct BlockFetch {
        let block: HistoryRequest
        let node: NodeID
        let question: PeerNetwork.OpenQuestion
    }

    func ask(_ request: HistoryRequest, of node: NodeID) {
        guard !fetches.contains(where: { $0.block == request && $0.node == node }) else { return }
        let question = network.ask(Self.kind(of: request), request.encoded, of: node) { [weak self] answer in
            self?.conclude(request, node, answer)
        }
        guard let question else { return handle(.unanswered(request, by: node)) }
        if case .block = request { fetches.append(BlockFetch(block: request, node: node, question: question)) }
    }

    private func conclude(_ request: HistoryRequest, _ node: NodeID, _ answer: PeerAnswer) {
        fetches.removeAll { $0.block == request && $0.node == node }
        guard case .answered(0, let bytes) = answer else { return handle(.unanswered(request, by: node)) }
        guard let answer = try? HistoryAnswer.decode(bytes, limit: HistoryAnswer.byteLimit) else {
            handle(.unanswered(request, by: node))
            return network.disconnect(node, because: "it sent an answer that cannot be read")
        }
        // Only by the block itself: a liar's answer must not stop the honest one.
        if case (.block(let block), .block(let digest)) = (answer, request),
            block.header.digest(using: hash) == digest, block.isWhole(using: hash)
        {
            spare(request)
        }
        if case (.receipts(let receipts), .receipts(let wanted)) = (answer, request) {
            guard !verify(.receipts(wanted, receipts, from: node), bytes.count, from: node) else { return }
            return handle(.unanswered(request, by: node))
        }
        if case (.walkReceipts(let receipts), .receipts(let wanted)) = (answer, request) {
            let claims = receipts.compactMap { AuditClaim($0, core.auditJudge) }
            guard !verify(.walkReceipts(wanted, claims, from: node), bytes.count, from: node) else { return }
            return handle(.unanswered(request, by: node))
        }
        handle(.history(answer, to: request, from: node))
    }

    /// The block is here: whoever else was asked for it need not send it.
    private func spare(_ block: HistoryRequest) {
        for fetch in fetches where fetch.block == block { network.cancel(fetch.question) }
        fetches.removeAll { $0.block == block }
    }

    public func peerAsked(_ question: PeerQuestion) {
        guard let request = try? HistoryRequest.decode(question.bytes, limit: HistoryRequest.byteLimit),
            Self.kind(of: request).spoken.name == question.name
        else { return network.disconnect(question.node, because: "it asked a question that cannot be read") }
        let ticket = served.open(for: question.node) { [network] answer in
            network.answer(question, status: answer == nil ? Self.nothing : 0, answer?.encoded ?? [])
        }
        guard let ticket else { return _ = network.answer(question, status: Self.nothing, []) }
        handle(.wanted(request, by: question.node, ticket: ticket))
    }

    func reply(_ answer: HistoryAnswer?, _ ticket: UInt64) { served.close(ticket)?(answer) }

    static func kind(of request: HistoryRequest) -> RequestKind {
        switch request {
        // A vote waits for them.
        case .block, .receipts: blockQuestions
        case .handoffs, .headers, .payloads, .snapshot, .chunk: syncQuestions
        }
    }
}
