import CairnBase
import CairnConsensus
import CairnWire

/// The two files of a node, and what waits for them.
struct ConsensusDisk: Sendable {
    var signLog = RecordFile(name: "sign.log")
    var chainLog = RecordFile(name: "chain.log")
    /// Persists not yet handed to the disk, and those of the batch that is.
    var waiting: [Persist] = []
    var underWay: [(token: UInt64, vote: Vote?)] = []
    var commitsWaiting: [[UInt8]] = []
    var isCommitting = false
    /// The log is read, its tail durable, and the core started.
    var isReady = false
    var recovered: Recovered?
    /// The names of the files are durable, not only their bytes.
    var hasSignName = false
    var hasChainName = false

    enum Token {
        static let ignored: DiskToken = 0
        static let signSynced: DiskToken = 1
        static let chainSynced: DiskToken = 2
        static let tailSynced: DiskToken = 3
    }
}

extension ConsensusProcess {
    mutating func start(from image: DiskImage, at now: Instant, into effects: inout [Effect]) {
        guard isHonest else {
            disk.isReady = true
            begin(nil, at: now, into: &effects)
            return
        }
        let sign = RecordFile.read("sign.log", in: image)
        let chained = RecordFile.read("chain.log", in: image)
        disk.signLog = sign.file
        disk.chainLog = chained.file
        var recovered = Recovered()
        for record in chained.records {
            guard let episode = try? Episode.decode(record, limit: 1 << 24) else { continue }
            chain.execute(episode, in: world)
            recovered.certificates.append(episode.finalization)
        }
        for record in sign.records { try? SignLogBatch.restore(record, into: &recovered) }
        for block in recovered.blocks { known[block.header.digest(using: world.hash)] = block }
        if chain.height > chain.plan(in: world).anchor.height {
            recovered.executed = chain.anchor(at: chain.height.number, in: world)
        }
        guard let tail = sign.tail else {
            disk.isReady = true
            begin(chained.records.isEmpty ? nil : recovered, at: now, into: &effects)
            return
        }
        disk.recovered = recovered
        effects.append(.disk(tail, ConsensusDisk.Token.ignored))
        effects.append(.disk(.syncDirectory, ConsensusDisk.Token.ignored))
        disk.hasSignName = true
        effects.append(.disk(.sync(file: "sign.log"), ConsensusDisk.Token.tailSynced))
    }

    private mutating func begin(_ recovered: Recovered?, at now: Instant, into effects: inout [Effect]) {
        let plan = chain.plan(in: world)
        core = Self.core(world, id, plan, rules: isHonest ? world.rules : Lie.rules)
        if lie?.kind == .twins { twin = Twin(Self.core(world, id, plan, rules: Lie.rules)) }
        verifier = world.verifier(around: plan.epoch)
        effects.append(.observe(.epochBegan(plan)))
        feed(.start(recovered: recovered, nonce: random.next()), at: now, into: &effects)
    }

    // MARK: - The sign log

    /// A liar signs at once; an honest node when the disk has it.
    mutating func persist(_ persist: Persist, at now: Instant, into effects: inout [Effect]) {
        guard isHonest else {
            let signature = persist.sign.map { sign($0.signedBytes(chain: world.chain)) }
            feed(.persisted(token: persist.token, signature: signature), at: now, into: &effects)
            return
        }
        disk.waiting.append(persist)
        if disk.underWay.isEmpty { writeNext(into: &effects) }
    }

    /// One batch at a time: what came meanwhile goes with the next.
    private mutating func writeNext(into effects: inout [Effect]) {
        guard !disk.waiting.isEmpty else { return }
        var batch = SignLogBatch()
        for persist in disk.waiting {
            batch.records += persist.records
            let vote = persist.sign.flatMap(vote)
            if let vote {
                batch.votes.append(vote)
                if world.cost.sign > .zero { effects.append(.compute(world.cost.sign)) }
            }
            disk.underWay.append((persist.token, vote))
        }
        disk.waiting = []
        effects.append(.disk(disk.signLog.append(batch.bytes), ConsensusDisk.Token.ignored))
        if !disk.hasSignName {
            effects.append(.disk(.syncDirectory, ConsensusDisk.Token.ignored))
            disk.hasSignName = true
        }
        effects.append(.disk(.sync(file: "sign.log"), ConsensusDisk.Token.signSynced))
    }

    /// The seat is that of the statement's epoch, which may have ended meanwhile.
    private func vote(_ statement: VoteStatement) -> Vote? {
        world.committee(of: statement.epoch).index(of: world.validators[id.index].key).map {
            Vote(statement: statement, voter: $0, signature: sign(statement.signedBytes(chain: world.chain)))
        }
    }

    // MARK: - The chain

    mutating func execute(
        _ blocks: [Block], _ finalization: VerifiedCertificate, path: [Header], into effects: inout [Effect]
    ) {
        let episode = Episode(
            blocks: blocks.filter { $0.header.height > chain.height }, finalization: finalization.certificate,
            path: path)
        chain.execute(episode, in: world)
        effects.append(.observe(.committed(episode.blocks, finalization)))
        guard isHonest else { return }
        disk.commitsWaiting.append(episode.encoded)
        if !disk.isCommitting { writeCommit(into: &effects) }
    }

    private mutating func writeCommit(into effects: inout [Effect]) {
        disk.isCommitting = !disk.commitsWaiting.isEmpty
        guard disk.isCommitting else { return }
        effects.append(.disk(disk.chainLog.append(disk.commitsWaiting.removeFirst()), ConsensusDisk.Token.ignored))
        if !disk.hasChainName {
            effects.append(.disk(.syncDirectory, ConsensusDisk.Token.ignored))
            disk.hasChainName = true
        }
        effects.append(.disk(.sync(file: "chain.log"), ConsensusDisk.Token.chainSynced))
    }

    mutating func beginEpoch(at now: Instant, into effects: inout [Effect]) {
        let plan = chain.plan(in: world)
        verifier = world.verifier(around: plan.epoch)
        effects.append(.observe(.epochBegan(plan)))
        feed(.epochReady(plan), at: now, into: &effects)
    }

    mutating func finish(_ token: DiskToken, _ result: DiskResult, at now: Instant, into effects: inout [Effect]) {
        if case .failed(let error) = result {
            // After a failed write or sync nobody knows what is durable: the process ends and starts from the disk.
            effects.append(.halt(.restart("disk: \(error)")))
            return
        }
        switch token {
        case ConsensusDisk.Token.signSynced:
            let durable = disk.underWay
            disk.underWay = []
            for entry in durable {
                if let vote = entry.vote {
                    effects.append(.observe(.signed(vote, of: known[vote.statement.block]?.payload)))
                }
                feed(.persisted(token: entry.token, signature: entry.vote?.signature), at: now, into: &effects)
            }
            if disk.underWay.isEmpty { writeNext(into: &effects) }
        case ConsensusDisk.Token.chainSynced: writeCommit(into: &effects)
        case ConsensusDisk.Token.tailSynced:
            disk.isReady = true
            begin(disk.recovered, at: now, into: &effects)
            disk.recovered = nil
        default: break
        }
    }

    // MARK: - Catching up

    /// Blocks that link back from a finalization to what we have are final, whoever sent them.
    mutating func catchUp(_ episode: Episode, at now: Instant, into effects: inout [Effect]) {
        guard let verified = try? verifier.verify(episode.finalization), verified.epoch == core.position.epoch,
            episode.blocks.first?.header.height == chain.height.next
        else { return }
        var expected = verified.block
        for header in episode.path.reversed() {
            guard header.digest(using: world.hash) == expected else { return }
            expected = header.parent
        }
        for block in episode.blocks.reversed() {
            guard block.isWhole(using: world.hash), block.header.digest(using: world.hash) == expected else { return }
            expected = block.header.parent
        }
        guard expected == core.committed.block, let last = episode.blocks.last,
            last.header.height <= chain.plan(in: world).anchor.height.advanced(by: world.parameters.epochLength)
        else { return }
        execute(episode.blocks, verified, path: episode.path, into: &effects)
        feed(.synchronised(chain.anchor(at: last.header.height.number, in: world), verified), at: now, into: &effects)
    }
}
