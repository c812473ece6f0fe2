import CairnBase
import CairnConsensus
import CairnLedger
import CairnNode
import CairnWire

/// How a node misleads others beside consensus, whose own lies are tried where it is alone.
enum NodeLie: CaseIterable, Sendable {
    /// Tells another past than there was.
    case falseHistory
    /// Never answers a question.
    case silence
    /// Says that it is a thousand epochs ahead.
    case farAhead
    /// Passes on transactions with other signatures.
    case forgedTransactions
    /// Puts into its blocks what nobody signed.
    case forgedPayloads
    /// Puts into its blocks verdicts on challenges that there were not.
    case inventedVerdicts
    /// Votes for the newest final block too, beside every block that it votes for.
    case twoVotes

    /// What it says in place of the truth; nil for nothing.
    func twisted(_ message: NodeTraffic, using random: inout SeededRandom) -> NodeTraffic? {
        switch (self, message) {
        case (.silence, .answer): nil
        case (.falseHistory, .answer(.some(let answer), let number)):
            .answer(Self.false(answer, using: &random), number: number)
        case (.farAhead, .consensus(let message)):
            .consensus(
                ConsensusMessage(
                    position: ChainPosition(
                        epoch: message.position.epoch.advanced(by: 1_000), view: message.position.view,
                        floor: message.position.floor), body: message.body))
        case (.forgedTransactions, .transaction(let transaction)):
            .transaction(Transaction(transaction.body, signature: Signature(r: .zero, s: transaction.signature.s)))
        default: message
        }
    }

    private static func `false`(_ answer: HistoryAnswer, using random: inout SeededRandom) -> HistoryAnswer {
        switch answer {
        case .block(let block): .block(Block(header: block.header, payload: Payload(bytes: [9])))
        case .handoffs(let handoffs): random.flip() ? .handoffs(handoffs.reversed() + handoffs) : .handoffs([])
        case .headers(let headers): random.flip() ? .headers(headers.reversed() + headers) : .headers([])
        case .payloads(let payloads): .payloads(payloads.dropLast() + [Payload(bytes: [UInt8(random.below(250))])])
        case .receipts, .walkReceipts, .snapshot, .chunk: .payloads([])
        }
    }

    /// What it puts into a block that it leads.
    func payload(
        _ payload: Payload, for request: PayloadRequest, using random: inout SeededRandom, in world: NodeWorld
    ) -> Payload {
        guard !request.mustBeEmpty, random.flip() else { return payload }
        switch self {
        case .forgedPayloads:
            let body = Transaction.Body(
                chain: world.chain, sender: world.members[0].account.id, nonce: random.below(4),
                fee: Amount(units: 1_000), expiry: Height(.max), action: .bond(.one))
            let forged = Transaction(body, signature: Signature(r: .zero, s: .zero))
            return random.flip() ? Payload(bytes: [2, 0, 0, 0]) : BlockPayload(transactions: [forged]).payload
        case .inventedVerdicts:
            let height = Height(max(request.height.number, 13) - 12)
            let verdict = CoverageVerdict(
                height: height, target: UInt32(random.below(3)), kind: .radio, units: 1_000_000, reasons: [],
                receipts: .zero, neighbours: 0, seats: [])
            return verdict.map { BlockPayload(transactions: [], verdicts: [.coverage($0)]).payload } ?? payload
        default: return payload
        }
    }
}
