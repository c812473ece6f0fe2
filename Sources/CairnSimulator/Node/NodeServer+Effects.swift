import CairnBase
import CairnConsensus
import CairnLedger
import CairnNode
import CairnWire

/// What the core wants done, as the real shell does it.
extension NodeServer {
    mutating func carryOut(_ effect: NodeEffect, at now: Instant, into effects: inout [Effect]) {
        switch effect {
        case .consensus(let effect): carryOut(effect, at: now, into: &effects)
        case .seal(let request, let payload): seal(request, payload, at: now, into: &effects)
        case .verify(let block, let transactions):
            let checked = transactions.compactMap { world.verified($0) }
            let isGood = checked.count == transactions.count
            if !isGood { effects.append(.note("node.forged-payloads", 1)) }
            feed(.verified(block: block, isGood ? checked : nil), at: now, into: &effects)
        case .execute(let block):
            disk.executing.append(block)
            disk.chain.append(FinalBlockRecord(block.block, block.proof).encoded, into: &effects)
        case .coverage: break
        case .audit(let effect): carryOut(effect, at: now, into: &effects)
        case .refusedVerdicts: effects.append(.note("node.refused-verdicts", 1))
        case .relay(let transaction): say(.transaction(transaction.value), to: links.keys, into: &effects)
        case .answer(let ticket, let answer) where ticket == speaking:
            heardWord(isAccepted: answer.isAccepted, at: now, into: &effects)
        case .answer(let ticket, let answer):
            guard let admission = users.removeValue(forKey: ticket) else { break }
            let transaction = admission.transaction.value
            if answer.isAccepted {
                effects.append(.observe(.accepted(transaction.sender, nonce: transaction.nonce)))
            }
            let id = transaction.id(chain: world.chain, using: world.hash)
            effects.append(.send(to: admission.user, .submitted(id, isAccepted: answer.isAccepted)))
        case .send(let message, let node):
            guard let peer = world.process(of: node) else { break }
            switch message {
            case .consensus(let message): say(.consensus(message), to: [peer], into: &effects)
            case .transaction(let transaction): say(.transaction(transaction), to: [peer], into: &effects)
            }
        case .ask(let request, let node): ask(request, of: node, at: now, into: &effects)
        case .reply(let answer, let ticket): reply(answer, ticket, into: &effects)
        case .serve(let request, let ticket):
            reply(world.bug == .keepThePast ? nil : chain.answer(request, using: world.hash), ticket, into: &effects)
        case .follow(let guide, let handoffs, let node):
            effects.append(.note("node.handoffs", UInt64(handoffs.count)))
            let check = HandoffCheck(handoffs, by: node, after: guide, hash: world.hash, using: world.scheme)
            feed(.followed(check), at: now, into: &effects)
        case .distrust(let node):
            effects.append(.observe(.distrusted(node)))
            effects.append(.note("node.liars-found", 1))
        // Rows of a database that nobody simulates here.
        case .repair: break
        case .setTimer(let timer, let instant): set(.node(timer), at: instant, into: &effects)
        }
    }

    private mutating func carryOut(_ effect: ConsensusEffect, at now: Instant, into effects: inout [Effect]) {
        switch effect {
        case .persist(let persist): self.persist(persist, at: now, into: &effects)
        case .send(let outbound, let node):
            guard let peer = world.process(of: node) else { break }
            say(.consensus(outbound.message(at: position)), to: [peer], into: &effects)
        case .broadcast(let outbound), .scatter(let outbound):
            say(.consensus(outbound.message(at: position)), to: links.keys, into: &effects)
        case .answerStatus(let answer, let node):
            guard let peer = world.process(of: node) else { break }
            let signature = world.members[id.index].vote.sign(answer.statement.signedBytes(chain: world.chain))
            let message = ConsensusMessage(position: position, body: .status(answer.signed(signature)))
            say(.consensus(message), to: [peer], into: &effects)
        case .setTimer(let timer, let instant): set(.consensus(timer), at: instant, into: &effects)
        case .serveHistory(let request, let node):
            guard let peer = world.process(of: node), let end = chain.finalization(of: request.epoch) else { break }
            let message = ConsensusMessage(position: position, body: .certificates([end]))
            say(.consensus(message), to: [peer], into: &effects)
        case .stopVoting(let reason): effects.append(.observe(.stopped(reason)))
        case .evidence(let evidence): keep(evidence, at: now, into: &effects)
        case .penalise: effects.append(.note("node.penalised", 1))
        case .archive, .epochEnded: break
        case .requestPayload, .validatePayload, .commit, .fetchBlock, .synchronise:
            invariant(false, "the node's core answers this itself")
        }
    }

    private var position: ChainPosition { core.consensus.position }

    private mutating func seal(
        _ request: PayloadRequest, _ payload: Payload, at now: Instant, into effects: inout [Effect]
    ) {
        let (output, proof) = world.scheme.prove(
            request.randomnessInput, as: world.members[id.index].keys.randomness)
        let said = lie?.payload(payload, for: request, using: &random, in: world) ?? payload
        let offer = PayloadOffer(
            epoch: request.epoch, view: request.view, payload: said, time: unixMilliseconds, output: output,
            proof: proof)
        feed(.consensus(.payloadReady(offer)), at: now, into: &effects)
    }

    private mutating func ask(
        _ request: HistoryRequest, of node: NodeID, at now: Instant, into effects: inout [Effect]
    ) {
        let peer = world.process(of: node)
        let open = questions.values.count { $0.peer == peer && $0.request.isOfBlocks == request.isOfBlocks }
        guard let peer, links[peer] != nil, open < Self.questionsPerPeer else {
            return feed(.unanswered(request, by: node), at: now, into: &effects)
        }
        effects.append(.note(request.isOfBlocks ? "node.block-questions" : "node.sync-questions", 1))
        let number = number()
        questions[number] = Question(request: request, peer: peer)
        say(.question(request, number: number), to: [peer], into: &effects)
        set(.question(number), at: now + Self.questionTime, into: &effects)
    }

    private mutating func reply(_ answer: HistoryAnswer?, _ ticket: UInt64, into effects: inout [Effect]) {
        guard let asker = served.removeValue(forKey: ticket) else { return }
        say(.answer(answer, number: asker.number), to: [asker.peer], into: &effects)
    }

    mutating func number() -> UInt64 {
        defer { nextNumber += 1 }
        return nextNumber
    }
}

extension HistoryRequest {
    /// Whether it is asked under the protocol for what a vote waits for.
    var isOfBlocks: Bool {
        switch self {
        case .block, .receipts: true
        case .handoffs, .headers, .payloads, .snapshot, .chunk: false
        }
    }
}
