import CairnBase
import CairnConsensus
import CairnLedger
import CairnNode
import CairnStorage
import CairnWire
import CairnWitness

/// A node's storage in a simulated network: what it answers, what it asks others, and how one misleads them.
extension NodeServer {
    static let pieceTime = TimeSpan.seconds(10)

    static func keeper(_ world: NodeWorld, _ setup: ProcessSetup) -> NodeStorage? {
        guard let depot = world.depot else { return nil }
        var random = setup.random.fork("custody")
        let node = world.members[setup.id.index].keys.node
        return NodeStorage(
            shelf: SimulatedShelf(capacity: capacity(of: setup.id, depot)),
            custody: Custody(seed: random.next(), hash: MixHash()),
            audits: AuditDesk(chain: world.chain, hash: MixHash()), words: HolderWords(of: node, on: world.chain))
    }

    static func capacity(of id: ProcessID, _ depot: NodeDepot) -> UInt64 {
        depot.fate(of: id.index, at: .genesis) == .isFull ? 0 : 64 << 20
    }

    /// What this node's storage does not as it should, just now.
    var fate: HolderFate? { world.depot?.fate(of: id.index, at: chain.height) }

    private var isGone: Bool { fate == .dies || fate == .leaves }

    mutating func beginStorage(at now: Instant, into effects: inout [Effect]) {
        guard storage != nil else { return }
        tellCustody(.block(chain.height), at: now, into: &effects)
        lookForDuties(at: now, into: &effects)
        registerStorage(at: now, into: &effects)
        set(.scrub, at: now + Self.scrubPause, into: &effects)
    }

    /// A block was executed.
    mutating func followStorage(
        _ block: ExecutedBlock, _ changes: [StateChange], at now: Instant, into effects: inout [Effect]
    ) {
        guard let depot = world.depot else { return }
        noteRounds(block, depot, into: &effects)
        tellCustody(.block(chain.height), at: now, into: &effects)
        if HolderView.isTouched(by: changes) { lookForDuties(at: now, into: &effects) }
        registerStorage(at: now, into: &effects)
        guard depot.fate.node == id.index else { return }
        if depot.fate.fate == .losesFiles, depot.fate.from == chain.height {
            perform(.lose, at: now, into: &effects)
        }
        if fate == .rots {
            let passed = chain.height.number - depot.fate.from.number
            if passed.isMultiple(of: Self.rotEvery), passed <= 4 * Self.rotEvery { rot(into: &effects) }
        }
    }

    private static let rotEvery: UInt64 = 15

    /// Some bytes of a piece become others.
    private mutating func rot(into effects: inout [Effect]) {
        guard let row = storage?.shelf.rows.values.first(where: { !$0.isDamaged }) else { return }
        let offset = Int(random.below(UInt64(row.name.byteCount - 8)))
        let bytes = (0..<8).map { _ in UInt8(random.below(256)) }
        effects.append(.note("storage.rotted", 1))
        effects.append(
            .disk(
                .write(file: SimulatedShelf.file(row.name.root), offset: offset, bytes: bytes), NodeDisk.Token.litter))
    }

    /// What the run has reached.
    private func noteRounds(_ block: ExecutedBlock, _ depot: NodeDepot, into effects: inout [Effect]) {
        for case .storage(let verdict) in block.verdicts {
            let isVoid = !verdict.passed && verdict.reasons.contains(.contained)
            effects.append(
                .note(verdict.passed ? "storage.passed" : isVoid ? "storage.void" : "storage.failed", 1))
        }
        if block.nextEpoch != nil, let epoch = chain.blocks.last?.header.epoch,
            chain.paid(epoch, depot.resource(id.index, on: world.chain))
        {
            effects.append(.note("storage.paid", 1))
        }
    }

    private mutating func lookForDuties(at now: Instant, into effects: inout [Effect]) {
        guard let view = try? HolderView(of: node(id), in: chain.state) else { return }
        if view.duties.contains(where: { $0.holders.contains(where: \.isLost) }) {
            effects.append(.note("storage.lost", 1))
        }
        storage?.view = view
        tellCustody(.duties(view.duties), at: now, into: &effects)
    }

    /// Owners put what they offer on the chain, and take it off, with every block until it is so.
    private mutating func registerStorage(at now: Instant, into effects: inout [Effect]) {
        guard let depot = world.depot else { return }
        for one in depot.offered where one.node == id.index {
            switch chain.nonce(of: one.owner.id) {
            case 0:
                depot.registration(of: one.number, on: world.chain).map { submit($0, at: now, into: &effects) }
            case 1 where one.number == id.index && fate == .leaves:
                submit(depot.retirement(of: one.number, on: world.chain), at: now, into: &effects)
            case 2 where one.number == id.index: effects.append(.note("storage.retired", 1))
            default: break
            }
        }
    }

    private mutating func submit(_ transaction: Transaction, at now: Instant, into effects: inout [Effect]) {
        guard !core.pool.contains(transaction.id(chain: world.chain, using: world.hash)),
            let verified = world.verified(transaction)
        else { return }
        submit(verified, ticket: Submission.nobody, at: now, into: &effects)
    }

    // MARK: - What others ask

    mutating func hear(
        _ question: PieceQuestion, _ number: UInt64, from peer: ProcessID, at now: Instant,
        into effects: inout [Effect]
    ) {
        guard let depot = world.depot else { return }
        guard !isGone else { return effects.append(.note("storage.silent", 1)) }
        let client = world.cluster.isServer(peer) ? node(peer) : NodeID(depot.purse.publicKey)
        perform(.answer(question, for: client, to: peer, number: number), at: now, into: &effects)
    }

    mutating func answer(
        _ status: PieceStatus, _ bytes: [UInt8], to peer: ProcessID, _ number: UInt64, at now: Instant,
        into effects: inout [Effect]
    ) {
        guard !isGone else { return }
        let message = NodeTraffic.pieceAnswer(status, bytes, number: number)
        guard fate == .isSlow else { return effects.append(.send(to: peer, message)) }
        effects.append(.note("storage.late", 1))
        let late = self.number()
        storage?.late[late] = (peer, message)
        set(.late(late), at: now + random.span(.milliseconds(100), .milliseconds(1_500)), into: &effects)
    }

    mutating func sendLate(_ number: UInt64, into effects: inout [Effect]) {
        guard let (peer, message) = storage?.late.removeValue(forKey: number) else { return }
        effects.append(.send(to: peer, message))
    }

    // MARK: - What it asks others

    /// Asks a peer; false where it is not connected.
    mutating func ask(
        _ question: PieceQuestion, of node: NodeID, for caller: PieceCaller, at now: Instant,
        into effects: inout [Effect]
    ) -> Bool {
        guard let peer = world.process(of: node), links[peer] != nil else { return false }
        let number = number()
        storage?.questions[number] = OpenPieceQuestion(peer: peer, question: question, caller: caller)
        effects.append(.send(to: peer, .piece(question, number: number)))
        set(.pieceQuestion(number), at: now + Self.pieceTime, into: &effects)
        return true
    }

    mutating func hear(
        _ status: PieceStatus, _ bytes: [UInt8], _ number: UInt64, from peer: ProcessID, at now: Instant,
        into effects: inout [Effect]
    ) {
        guard let open = storage?.questions[number], open.peer == peer else { return }
        storage?.questions[number] = nil
        conclude(open, status, bytes, at: now, into: &effects)
    }

    mutating func pieceQuestionOver(_ number: UInt64, at now: Instant, into effects: inout [Effect]) {
        guard let open = storage?.questions.removeValue(forKey: number) else { return }
        conclude(open, .unavailable, [], at: now, into: &effects)
    }

    private mutating func conclude(
        _ open: OpenPieceQuestion, _ status: PieceStatus, _ bytes: [UInt8], at now: Instant,
        into effects: inout [Effect]
    ) {
        switch open.caller {
        case .probe(let name, let object, let shard, let node, let start):
            let shown = status == .well ? try? HotAnswer.decode(bytes, limit: bytes.count) : nil
            let isGood = shown?.shows(name, from: start, using: MixHash()) ?? false
            tellCustody(
                .probed(object: object, shard: shard, of: node, isGood: isGood), at: now, into: &effects)
        case .list(let root):
            guard status == .well, let list = try? PieceList.decode(bytes, limit: bytes.count) else { return }
            tellCustody(.list(list, root: root), at: now, into: &effects)
        case .audit(let ticket): heardShown(status, bytes, ticket, at: now, into: &effects)
        case .source(let number): heardSource(status, bytes, to: open.question, number, at: now, into: &effects)
        }
    }

    // MARK: - As a witness

    mutating func tellAudits(_ input: AuditDeskInput, at now: Instant, into effects: inout [Effect]) {
        storage?.auditInputs.append(input)
        guard storage?.auditInputs.count == 1 else { return }
        while let next = storage?.auditInputs.first {
            var wanted: [AuditDeskEffect] = []
            storage?.audits.handle(next, at: now, into: &wanted)
            for effect in wanted { carryOut(effect, at: now, into: &effects) }
            storage?.auditInputs.removeFirst()
        }
    }

    mutating func carryOut(_ effect: AuditEffect, at now: Instant, into effects: inout [Effect]) {
        guard case .ask(let audit, let witness, let deadline) = effect,
            witnessKey(witness.device) != nil
        else { return }
        let (proof, nonce) = world.scheme.proveBeacon(
            audit.nonceInput(using: MixHash()), as: witness.randomness)
        tellAudits(
            .ask(audit, as: witness, within: deadline, proof: proof, nonce: nonce), at: now, into: &effects)
    }

    private func witnessKey(_ device: PublicKey) -> KeyedHashScheme.SigningKey? {
        world.depot?.offered.first { $0.node == id.index && $0.device.publicKey == device }?.device
    }

    private mutating func carryOut(_ effect: AuditDeskEffect, at now: Instant, into effects: inout [Effect]) {
        switch effect {
        case .ask(let question, let provider, let ticket, _):
            let isAsked = ask(.show(question), of: provider, for: .audit(ticket), at: now, into: &effects)
            let input: AuditDeskInput =
                isAsked ? .sent(ticket: ticket) : .unsent(ticket: ticket, isDialled: provider != node(id))
            tellAudits(input, at: now, into: &effects)
        case .cancel(let ticket):
            for (number, open) in storage?.questions ?? [:] {
                if case .audit(ticket) = open.caller { storage?.questions.removeValue(forKey: number) }
            }
        case .leave: break
        case .say(let receipt, _, let witness):
            guard let key = witnessKey(witness.device) else { break }
            effects.append(.note("storage.receipts", 1))
            let receipt = world.bug == .believeHolders ? receipt.believing : receipt
            let signature = key.sign(receipt.encoded, tag: SignedWalkReceipt.tag, chain: world.chain)
            let signed = SignedWalkReceipt(receipt, signature: signature)
            effects.append(.observe(.witnessed(signed)))
            publish(signed, at: now, into: &effects)
        case .setTimer(let timer, let instant): set(.audit(timer), at: instant, into: &effects)
        }
    }

    private mutating func heardShown(
        _ status: PieceStatus, _ bytes: [UInt8], _ ticket: UInt64, at now: Instant, into effects: inout [Effect]
    ) {
        guard status == .well else { return tellAudits(.answered(.nothing, ticket: ticket), at: now, into: &effects) }
        guard let shown = try? ShardAnswer.decode(bytes, limit: PieceQuestion.byteLimit),
            let (end, signer) = storage?.audits.end(of: shown, to: ticket)
        else { return tellAudits(.answered(.unreadable, ticket: ticket), at: now, into: &effects) }
        let isSigned = world.scheme.verify(end, by: signer, on: world.chain) != nil
        tellAudits(.answered(.shown(shown, isSigned: isSigned), ticket: ticket), at: now, into: &effects)
    }

    /// Another's receipt goes on from here, once.
    mutating func take(_ receipt: SignedWalkReceipt, at now: Instant, into effects: inout [Effect]) {
        guard core.auditJudge.isNew(receipt) else { return }
        publish(receipt, at: now, into: &effects)
    }

    private mutating func publish(_ receipt: SignedWalkReceipt, at now: Instant, into effects: inout [Effect]) {
        let id = MixHash().digest(DomainTag("cn-sim/walk"), receipt.encoded)
        guard passedOn[id] == nil,
            let verified = world.scheme.checked(receipt, for: core.auditJudge, on: world.chain)
        else { return }
        passedOn.updateValue(now, forKey: id)
        feed(.audit(.receipt(verified)), at: now, into: &effects)
        say(.walk(receipt), to: links.keys, into: &effects)
    }
}

extension WalkReceipt {
    /// What a witness says that takes whatever was signed for true.
    fileprivate var believing: WalkReceipt {
        WalkReceipt(
            challenge: challenge, provider: provider, partition: partition, witness: witness, result: .good,
            elapsedMilliseconds: elapsedMilliseconds, proof: proof, last: last, answer: answer)
    }
}

extension KeyedHashScheme {
    /// As the real edge lets a receipt in: signed by the witness, with the nonce that it could not choose, and what
    /// it calls good signed by the provider.
    func checked(
        _ signed: SignedWalkReceipt, for judge: AuditJudge<MixHash>, on chain: ChainID
    ) -> Verified<SignedWalkReceipt>? {
        let receipt = signed.receipt
        guard let (audit, witness) = judge.question(of: receipt),
            let verified = verify(signed, by: witness.device, on: chain)
        else { return nil }
        let (proof, nonce) = proveBeacon(audit.nonceInput(using: MixHash()), as: witness.randomness)
        guard proof == receipt.proof else { return nil }
        guard receipt.result == .good else { return verified }
        let walk = audit.question(of: witness, nonce: nonce).walk(on: chain)
        let end = ShownEnd(signedBody: walk.signedBody(last: receipt.last), signature: receipt.answer)
        return verify(end, by: audit.provider.device, on: chain) == nil ? nil : verified
    }
}
