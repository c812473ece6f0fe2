import CairnBase
import CairnConsensus
import CairnGossip
import CairnLedger
import CairnNode
import CairnWire

/// What travels by topic: transactions on their way to a leader, that blocks are final, and what gateways say.
extension ChainShell {
    static let topics: [Topic] = [.transactions, .blocks, .receipts]

    /// How old a block may be when its finality is announced, and how long its leader has to do it.
    private static let newsTime = TimeSpan.seconds(5)
    private static let leaderTime = TimeSpan.milliseconds(500)

    /// Takes part in publishing from now on.
    public func join(_ pubSub: PubSubShell) {
        self.pubSub = pubSub
        pubSub.judge = { [weak self] message, node, answer in
            guard let self else { return answer(.overloaded) }
            judge(message, from: node, answer)
        }
    }

    /// A transaction that was taken here goes to everybody, unless it came from there.
    func relay(_ transaction: Transaction) {
        pubSub?.publish(.transactions, transaction.encoded)
    }

    /// The leader of a final block says so. Where it does not, another validator does: whoever is connected with none of
    /// them hears of it by topic alone.
    func announce(_ finalization: Certificate) {
        guard let key = configuration.keys?.vote, let pubSub, let header = finalization.header else { return }
        let age = Clock.wall().millisecondsSince1970.subtractingReportingOverflow(header.time)
        guard age.overflow || age.partialValue < Self.newsTime.milliseconds else { return }
        let isOurs =
            header.epoch == core.consensus.position.epoch
            && core.consensus.committee[header.leader]?.key == key
        if isOurs {
            tell(finalization, header.height, over: pubSub)
        } else {
            loop.after(Self.leaderTime) { [weak self, weak pubSub] in
                guard let self, let pubSub else { return }
                tell(finalization, header.height, over: pubSub)
            }
        }
    }

    private func tell(_ finalization: Certificate, _ height: Height, over pubSub: PubSubShell) {
        guard height > announced else { return }
        announced = height
        pubSub.publish(.blocks, finalization.encoded)
    }

    private func judge(_ message: GossipMessage, from node: NodeID, _ answer: @escaping (MessageJudgement) -> Void) {
        switch message.topic {
        case .transactions: judgeTransaction(message, from: node, answer)
        case .blocks: judgeFinality(message, from: node, answer)
        case .receipts: judgeReceipt(message, from: node, answer)
        default: answer(.ignore)
        }
    }

    private func judgeTransaction(
        _ message: GossipMessage, from node: NodeID, _ answer: @escaping (MessageJudgement) -> Void
    ) {
        let transaction: Transaction
        do throws(DecodeError) {
            transaction = try Transaction.decode(message.data, limit: Limits.Ledger().transaction)
        } catch {
            return answer(error.judgement)
        }
        guard transaction.chainPrefix == chain.prefix else { return answer(.reject) }
        guard !core.pool.contains(transaction.id(chain: chain, using: hash)) else { return answer(.ignore) }
        check(message, .transaction(transaction), from: node) { [weak self] verdict in
            guard let self, case .transaction(let transaction) = verdict else { return answer(verdict.judgement) }
            submit(transaction, message.data.count, answer)
        }
    }

    /// The pool decides; what it has no use for is nobody's fault.
    private func submit(
        _ transaction: Verified<Transaction>, _ byteCount: Int, _ answer: @escaping (MessageJudgement) -> Void
    ) {
        let ticket = openTicket { outcome in
            switch outcome {
            case .pool(let outcome): answer(outcome.isAccepted ? .accept : .ignore)
            default: answer(.overloaded)
            }
        }
        guard let ticket else { return answer(.overloaded) }
        admit(transaction, byteCount: byteCount, ticket: ticket)
    }

    /// One announcement for every height is passed on, and only one whose signatures hold.
    private func judgeFinality(
        _ message: GossipMessage, from node: NodeID, _ answer: @escaping (MessageJudgement) -> Void
    ) {
        let certificate: Certificate
        do throws(DecodeError) {
            certificate = try Certificate.decode(message.data, limit: message.data.count)
        } catch {
            return answer(error.judgement)
        }
        guard let height = FinalityProof(finalization: certificate)?.header.height else { return answer(.reject) }
        guard height > announced else { return answer(.ignore) }
        let position = ChainPosition(epoch: certificate.epoch, view: certificate.view, floor: certificate.view)
        let news = ConsensusMessage(position: position, body: .certificates([certificate]))
        check(message, .finality(news, verifier), from: node) { [weak self] verdict in
            guard let self, case .finality(let news) = verdict else {
                if case .otherEpoch = verdict { self?.handle(.consensus(.position(position, from: node))) }
                return answer(verdict.judgement)
            }
            guard height > announced else { return answer(.ignore) }
            announced = height
            handle(.consensus(.message(news, from: node)))
            answer(.accept)
        }
    }

    /// Has both signatures of a published message checked on the thread for that.
    func check(
        _ message: GossipMessage, _ content: VerifyDesk.Published, from node: NodeID,
        _ answer: @escaping (VerifyDesk.PublishedVerdict) -> Void
    ) {
        guard let ticket = publications.open(answer) else { return answer(.overloaded) }
        if !verify(.published(message, content, ticket: ticket), message.data.count, from: node) {
            publications.close(ticket)?(.overloaded)
        }
    }
}

extension DecodeError {
    /// What is to be made of a published message that does not read. A kind or version that is new to us is what an upgraded node
    /// passes on in good faith, and must not get it banned by those that are a release behind.
    var judgement: MessageJudgement {
        switch self {
        case .unknown, .unsupportedVersion: .ignore
        case .truncated, .tooLarge, .trailing, .notCanonical, .invalid: .reject
        }
    }
}

extension VerifyDesk.PublishedVerdict {
    /// What is to be made of a message of which no more is to be asked.
    var judgement: MessageJudgement {
        switch self {
        case .forged: .forged
        case .untrue: .reject
        case .overloaded: .overloaded
        case .otherEpoch, .transaction, .finality, .coverage, .audit: .ignore
        }
    }
}
