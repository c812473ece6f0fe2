import CairnBase
import CairnConsensus
import CairnLedger
import CairnNode
import CairnWire

/// What peers and users say, checked before the core hears of it.
extension NodeServer {
    mutating func receive(
        _ message: NodeTraffic, from sender: ProcessID, at now: Instant, into effects: inout [Effect]
    ) {
        switch message {
        case .hello(let life, let isReply):
            greeted(by: sender, life, isReply: isReply, at: now, into: &effects)
        case .consensus(let message): check(message, from: sender, at: now, into: &effects)
        case .transaction(let transaction):
            guard transaction.chainPrefix == world.chain.prefix,
                !core.pool.contains(transaction.id(chain: world.chain, using: world.hash))
            else { return }
            guard let verified = world.verified(transaction) else {
                return effects.append(.note("node.forged-transactions", 1))
            }
            submit(verified, ticket: Submission.nobody, at: now, into: &effects)
        case .question(let request, let number):
            guard links[sender] != nil else { return }
            let ticket = self.number()
            served[ticket] = Question.Asker(peer: sender, number: number)
            feed(.wanted(request, by: node(sender), ticket: ticket), at: now, into: &effects)
        case .answer(let answer, let number): answered(answer, number, by: sender, at: now, into: &effects)
        case .wantAccount(let id):
            let (account, height) = (chain.account(id), world.bug == .tellAhead ? chain.height.next : chain.height)
            effects.append(.observe(.told(id, account, at: height)))
            effects.append(.send(to: sender, .account(account, height: height)))
        case .submit(let transaction):
            guard let verified = world.verified(transaction) else { return }
            if world.bug == .acceptBeforeSync {
                return submit(Admission(transaction: verified, user: sender), at: now, into: &effects)
            }
            disk.admitting.append(Admission(transaction: verified, user: sender))
            disk.pool.append(transaction.encoded, into: &effects)
        case .coverage(let message): take(message, at: now, into: &effects)
        case .received(let reception): hear(reception, at: now, into: &effects)
        case .piece(let question, let number): hear(question, number, from: sender, at: now, into: &effects)
        case .pieceAnswer(let status, let bytes, let number):
            hear(status, bytes, number, from: sender, at: now, into: &effects)
        case .walk(let receipt): take(receipt, at: now, into: &effects)
        case .wantObject(let id): effects.append(.send(to: sender, chain.object(id)))
        case .account, .submitted, .transmit, .object: break
        }
    }

    private mutating func check(
        _ message: ConsensusMessage, from sender: ProcessID, at now: Instant, into effects: inout [Effect]
    ) {
        let lean = core.consensus.lean(message)
        // ORDER: asked for members only.
        let held = Set(core.consensus.held(of: lean))
        do {
            let verified = try verifier.verify(lean) { held.contains($0) }
            feed(.consensus(.message(verified, from: node(sender))), at: now, into: &effects)
        } catch {
            guard case .unknownEpoch = error else { return effects.append(.note("node.untrue-messages", 1)) }
            feed(.consensus(.position(message.position, from: node(sender))), at: now, into: &effects)
        }
    }

    private mutating func answered(
        _ answer: HistoryAnswer?, _ number: UInt64, by sender: ProcessID, at now: Instant,
        into effects: inout [Effect]
    ) {
        guard let question = questions[number], question.peer == sender else { return }
        questions.removeValue(forKey: number)
        let peer = node(sender)
        guard let answer else { return feed(.unanswered(question.request, by: peer), at: now, into: &effects) }
        if case (.receipts(let receipts), .receipts(let wanted)) = (answer, question.request) {
            let vouched = receipts.compactMap { world.scheme.vouched($0, on: world.chain) }
            return feed(.receipts(vouched, under: wanted, from: peer), at: now, into: &effects)
        }
        if case (.walkReceipts(let receipts), .receipts(let wanted)) = (answer, question.request) {
            let checked = receipts.compactMap { world.scheme.checked($0, for: core.auditJudge, on: world.chain) }
            return feed(.walkReceipts(checked, under: wanted, from: peer), at: now, into: &effects)
        }
        feed(.history(answer, to: question.request, from: peer), at: now, into: &effects)
    }

    /// A user's, whose answer follows.
    mutating func submit(_ admission: Admission, at now: Instant, into effects: inout [Effect]) {
        let ticket = number()
        users[ticket] = admission
        submit(admission.transaction, ticket: ticket, at: now, into: &effects)
    }

    mutating func submit(
        _ transaction: Verified<Transaction>, ticket: UInt64, at now: Instant, into effects: inout [Effect]
    ) {
        let submission = Submission(
            transaction: transaction, id: transaction.value.id(chain: world.chain, using: world.hash),
            byteCount: transaction.value.encoded.count, sender: chain.sender(of: transaction.value), ticket: ticket)
        feed(.submit(submission), at: now, into: &effects)
    }
}
