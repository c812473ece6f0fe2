import CairnBase
import CairnConsensus
import CairnLedger
import CairnNode
import CairnWire
import CairnWitness

/// What a node writes before it goes on, and what it finds when it starts.
extension NodeServer {
    mutating func start(from image: DiskImage, at now: Instant, into effects: inout [Effect]) {
        let (sign, blocks) = (RecordFile.read("sign.log", in: image), RecordFile.read("chain.log", in: image))
        let (pool, kept) = (RecordFile.read("pool.log", in: image), RecordFile.read("promises.log", in: image))
        let shelf = RecordFile.read("shelf.log", in: image)
        for record in blocks.records {
            guard let record = try? FinalBlockRecord.decode(record, limit: record.count) else { break }
            // One whose record was written and not yet synced when the node stopped was never told of.
            guard let execution = execute(record.block, record.proof, checked: nil) else { break }
            effects.append(.observe(.executed(record.block, root: execution.outcome.root)))
        }
        var recovered = Recovered()
        for record in sign.records { try? SignLogBatch.restore(record, into: &recovered) }
        let (core, plan) = Self.core(world, id, chain)
        self.core = core
        plans = [plan]
        verifier = world.verifier([plan])
        if chain.height > plan.anchor.height {
            recovered.executed = try? chain.executor.anchor(at: chain.height, chain)
            if let proof = chain.proof(at: chain.height) { recovered.certificates.append(proof.finalization) }
        }
        let isNew = sign.records.isEmpty && recovered.executed == nil
        self.recovered = isNew ? nil : recovered
        restored = pool.records.compactMap { try? Transaction.decode($0, limit: $0.count) }
        promises = kept.records.compactMap { try? Promise.decode($0, limit: $0.count) }
        var tails = disk.sign.resume(sign.file, tail: sign.tail)
        tails += disk.chain.resume(blocks.file, tail: blocks.tail)
        tails += disk.pool.resume(pool.file, tail: pool.tail)
        tails += disk.promises.resume(kept.file, tail: kept.tail)
        if let depot = world.depot {
            storage?.shelf = SimulatedShelf(capacity: Self.capacity(of: id, depot), index: shelf.records.last)
            tails += disk.shelf.resume(shelf.file, tail: shelf.tail)
        }
        guard let last = tails.popLast() else { return begin(at: now, into: &effects) }
        for request in tails { effects.append(.disk(request, NodeDisk.Token.ignored)) }
        effects.append(.disk(last, NodeDisk.Token.tails))
    }

    private mutating func begin(at now: Instant, into effects: inout [Effect]) {
        isReady = true
        feed(.consensus(.start(recovered: recovered, nonce: random.next())), at: now, into: &effects)
        recovered = nil
        for transaction in restored where transaction.nonce >= chain.nonce(of: transaction.sender) {
            guard let verified = world.verified(transaction) else { continue }
            submit(verified, ticket: Submission.nobody, at: now, into: &effects)
        }
        restored = []
        beginGateway(promises, at: now, into: &effects)
        promises = []
        beginStorage(at: now, into: &effects)
        greet(at: now, into: &effects)
    }

    mutating func persist(_ persist: Persist, at now: Instant, into effects: inout [Effect]) {
        var batch = SignLogBatch()
        batch.records = persist.records
        let vote = persist.sign.flatMap { self.vote($0) }
        if let vote { batch.votes = [vote] }
        disk.signing.append((persist.token, vote))
        disk.sign.append(batch.bytes, into: &effects)
        if world.bug == .voteBeforeSync { signed(persist.token, vote, at: now, into: &effects) }
    }

    /// The seat is that of the statement's epoch, which may have ended meanwhile.
    private func vote(_ statement: VoteStatement) -> Vote? {
        let key = world.members[id.index].vote
        guard let committee = plans.first(where: { $0.epoch == statement.epoch })?.committee,
            let seat = committee.index(of: key.publicKey)
        else { return nil }
        let signature = key.sign(statement.signedBytes(chain: world.chain))
        return Vote(statement: statement, voter: seat, signature: signature)
    }

    mutating func finish(_ token: DiskToken, _ result: DiskResult, at now: Instant, into effects: inout [Effect]) {
        if token == NodeDisk.Token.shelf { return shelfDisk(result, at: now, into: &effects) }
        if case .failed(let error) = result, token != NodeDisk.Token.litter {
            // After a failed write or sync nobody knows what is durable: the process ends and starts from the disk.
            effects.append(.halt(.restart("disk: \(error)")))
            return
        }
        switch token {
        case NodeDisk.Token.tails: begin(at: now, into: &effects)
        case NodeDisk.Token.sign:
            let (token, vote) = disk.signing.removeFirst()
            disk.sign.synced(into: &effects)
            if world.bug != .voteBeforeSync { signed(token, vote, at: now, into: &effects) }
        case NodeDisk.Token.chain:
            let next = disk.executing.removeFirst()
            disk.chain.synced(into: &effects)
            executed(next, at: now, into: &effects)
        case NodeDisk.Token.pool:
            let admission = disk.admitting.removeFirst()
            disk.pool.synced(into: &effects)
            submit(admission, at: now, into: &effects)
        case NodeDisk.Token.promises:
            let challenge = disk.keeping.removeFirst()
            disk.promises.synced(into: &effects)
            tellGateway(.kept(challenge: challenge), at: now, into: &effects)
        case NodeDisk.Token.shelfIndex: shelfIndexed(at: now, into: &effects)
        default: break
        }
    }

    private mutating func signed(_ token: UInt64, _ vote: Vote?, at now: Instant, into effects: inout [Effect]) {
        if let vote { effects.append(.observe(.signed(vote))) }
        feed(.consensus(.persisted(token: token, signature: vote?.signature)), at: now, into: &effects)
    }

    private mutating func executed(_ next: ExecutableBlock, at now: Instant, into effects: inout [Effect]) {
        guard let execution = execute(next.block, next.proof, checked: next.transactions) else {
            return effects.append(.observe(.unsoundBlock(next.block.header.height)))
        }
        let header = next.block.header
        effects.append(.observe(.executed(next.block, root: execution.outcome.root)))
        var following: EpochPlan?
        if (try? chain.executor.isLast(header.height, on: chain)) == true,
            let plan = try? chain.executor.plan(after: header.height, on: chain)
        {
            following = plan
            plans = plans.suffix(1) + [plan]
            verifier = world.verifier(plans)
        }
        let adopted = execution.outcome.verdicts.filter { $0.outcome == .adopted }.map(\.verdict)
        let block = ExecutedBlock(
            height: header.height, block: next.digest, nonces: execution.nonces, refused: execution.refused,
            randomness: execution.context.randomness, verdicts: adopted, nextEpoch: following,
            coverage: following.flatMap { chain.view(of: $0.epoch) },
            audits: chain.audits(begunBy: execution))
        feed(.executed(block), at: now, into: &effects)
        followGateway(block, at: now, into: &effects)
        followStorage(block, execution.outcome.changes, at: now, into: &effects)
        accuse(at: now, into: &effects)
    }

    /// Nil for a block that no quorum of honest validators can have made final.
    private mutating func execute(
        _ block: Block, _ proof: FinalityProof?, checked: [Verified<Transaction>]?
    ) -> Execution? {
        guard let payload = try? BlockPayload(block.payload, limits: Limits.Ledger()) else { return nil }
        var transactions = checked ?? payload.transactions.compactMap { world.verified($0) }
        guard transactions.count == payload.transactions.count else { return nil }
        if world.bug == .skipTransaction, id.index == 1 { transactions = transactions.dropLast() }
        return try? chain.execute(block, proof, transactions, payload.verdicts)
    }
}
