import CairnBase
import CairnConsensus

/// Every vote and block that can occur in a small model, numbered as they are met.
///
/// The Byzantine server's blocks are all there from the start: in each view it leads, on every parent that exists, in
/// `variants` versions. An honest leader's block joins when its core makes it, and then the Byzantine server can build
/// on it too.
struct Repertoire {
    let world: ConsensusWorld
    let byzantine: Int
    let leaders: [Int]
    let variants: Int
    private(set) var blocks: [Block] = []
    private(set) var blockMessages: [VerifiedMessage] = []
    private(set) var statements: [VoteStatement] = []
    /// For each statement those that must never be certified beside it.
    private(set) var conflicts: [Bits] = []
    /// The blocks that their Byzantine leader can propose at any time, by view.
    private(set) var byzantineBlocks: [(view: View, block: Int)] = []
    // ORDER: looked up, never walked.
    private var blockNumbers: [Digest: Int] = [:]
    // ORDER: looked up, never walked.
    private var statementNumbers: [VoteStatement: Int] = [:]
    private let verifier: MessageVerifier<MixHash, KeyedHashScheme>
    private let position = ChainPosition(epoch: Epoch(0), view: View(0), floor: View(0))

    /// A set of statements.
    typealias Bits = SIMD4<UInt64>
    static var capacity: Int { 256 }
    static var blockCapacity: Int { 64 }

    init(world: ConsensusWorld, byzantine: Int, views: Int, variants: Int) {
        self.world = world
        self.byzantine = byzantine
        self.variants = variants
        leaders = world.leaders(of: views)
        verifier = world.verifier(around: Epoch(0))
        for view in 1...UInt64(views) {
            _ = number(of: VoteStatement(epoch: Epoch(0), view: View(view), kind: .nullify, block: .zero))
        }
        buildOn(nil)
    }

    var lastView: View { View(UInt64(leaders.count)) }

    /// A block of an honest leader, or a known one.
    mutating func number(of block: Block) -> Int {
        let digest = block.header.digest(using: world.hash)
        if let known = blockNumbers[digest] { return known }
        let number = add(block, digest)
        buildOn(block)
        return number
    }

    private mutating func add(_ block: Block, _ digest: Digest) -> Int {
        let number = blocks.count
        invariant(number < Self.blockCapacity, "the model has room for its blocks")
        blockNumbers[digest] = number
        blocks.append(block)
        blockMessages.append(message(.proposal(proposal(block, digest))))
        for kind in [VoteKind.notarize, .finalize] {
            _ = self.number(
                of: VoteStatement(epoch: Epoch(0), view: block.header.view, kind: kind, block: digest))
        }
        return number
    }

    private func proposal(_ block: Block, _ digest: Digest) -> Proposal {
        let statement = VoteStatement(epoch: Epoch(0), view: block.header.view, kind: .notarize, block: digest)
        let leader = leaders[Int(block.header.view.number) - 1]
        return Proposal(
            block: block, signature: world.signingKeys[leader].sign(statement.signedBytes(chain: world.chain)),
            certificates: [])
    }

    private func message(_ body: ConsensusMessage.Body) -> VerifiedMessage {
        do {
            return try verifier.verify(ConsensusMessage(position: position, body: body))
        } catch {
            fatalError("what the model makes is sound: \(error)")
        }
    }

    /// The Byzantine server's blocks on a parent, in all its later views.
    private mutating func buildOn(_ parent: Block?) {
        let lowest = (parent?.header.view.number ?? 0) + 1
        guard lowest <= lastView.number else { return }
        for view in lowest...lastView.number where leaders[Int(view) - 1] == byzantine {
            for variant in 0..<variants {
                let block = world.block(
                    in: View(view), on: parent?.header, by: byzantine, payload: Payload(bytes: [UInt8(variant)]))
                let number = add(block, block.header.digest(using: world.hash))
                byzantineBlocks.append((View(view), number))
                buildOn(block)
            }
        }
    }

    // MARK: - Statements

    mutating func number(of statement: VoteStatement) -> Int {
        if let known = statementNumbers[statement] { return known }
        let number = statements.count
        invariant(number < Self.capacity, "the model has room for its votes")
        statementNumbers[statement] = number
        statements.append(statement)
        conflicts.append(Bits())
        for other in 0..<number where contradict(statement, statements[other]) {
            conflicts[number].insert(other)
            conflicts[other].insert(number)
        }
        return number
    }

    /// S1 to S4: whether certificates of the two must never exist together.
    private func contradict(_ one: VoteStatement, _ other: VoteStatement) -> Bool {
        if one.view == other.view, one.block != other.block {
            return one.kind == other.kind || one.kind == .finalize || other.kind == .finalize
        }
        let (low, high) = one.view < other.view ? (one, other) : (other, one)
        return low.kind == .finalize && high.kind != .nullify && !descends(high.block, from: low.block)
    }

    private func descends(_ block: Digest, from ancestor: Digest) -> Bool {
        var cursor = block
        while cursor != ancestor {
            guard let number = blockNumbers[cursor] else { return false }
            cursor = blocks[number].header.parent
        }
        return true
    }

    /// The certificate of a statement, signed by the Byzantine server and by honest ones other than its receiver.
    func certificate(of number: Int, for receiver: Int) -> VerifiedMessage {
        let statement = statements[number]
        let subject: Certificate.Subject
        switch statement.kind {
        case .nullify: subject = .nullification(statement.epoch, statement.view)
        case .notarize: subject = .notarization(blocks[blockNumbers[statement.block] ?? 0].header)
        case .finalize: subject = .finalization(blocks[blockNumbers[statement.block] ?? 0].header)
        }
        let committee = world.firstPlan.committee
        let signers = (0..<world.cluster.servers).filter { $0 != receiver }
            .compactMap { server in
                committee.index(of: world.validators[server].key).map { (index: $0, server: server) }
            }.sorted { $0.index < $1.index }
        let message = statement.signedBytes(chain: world.chain)
        return self.message(
            .certificates([
                Certificate(
                    subject: subject, signers: SignerSet(signers.map(\.index), of: committee.count),
                    signatures: signers.map { world.signingKeys[$0.server].sign(message) })
            ]))
    }
}

extension Repertoire.Bits {
    mutating func insert(_ number: Int) { self[number / 64] |= 1 << UInt64(number % 64) }
    func contains(_ number: Int) -> Bool { self[number / 64] >> UInt64(number % 64) & 1 == 1 }
    var isEmpty: Bool { self == Self() }
}
