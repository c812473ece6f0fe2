import CairnBase
import CairnCrypto
import CairnStorage
import CairnStore
import CairnWire

/// Answers witnesses from sealed partitions that are whole, on a thread of its own.
final class ProvingDesk {
    enum Job: Sendable {
        case open(SealedFile.Identity, steps: Int)
        case answer(PieceQuestion, ticket: UInt64)
    }

    enum Product: Sendable {
        case opened(SealedFile.Identity, PartitionRoots)
        case failed(SealedFile.Identity, StoreError)
        case answered(PieceStatus, [UInt8], ticket: UInt64)
    }

    private struct Partition {
        let file: SealedFile
        let prover: SealedProver<Blake2b>
        let steps: Int
    }

    private let configuration: SealedConfiguration
    private let chain: ChainID
    private var partitions: [UInt32: Partition] = [:]  // ORDER: looked up by number only

    init(_ configuration: SealedConfiguration, on chain: ChainID) {
        self.configuration = configuration
        self.chain = chain
    }

    func handle(_ job: Job) -> Product {
        switch job {
        case .open(let identity, let steps):
            do throws(StoreError) {
                return .opened(identity, try open(identity, steps))
            } catch {
                return .failed(identity, error)
            }
        case .answer(let question, let ticket):
            let (status, bytes) = answer(question)
            return .answered(status, bytes, ticket: ticket)
        }
    }

    private func open(_ identity: SealedFile.Identity, _ steps: Int) throws(StoreError) -> PartitionRoots {
        let file = try SealedFile(directory: configuration.directory, identity)
        let hash = Blake2b()
        let filler = PlacedUnit.fillerRoot(
            chain: chain, provider: identity.provider, partition: identity.partition, using: hash)
        guard file.isWhole,
            let packed = PackedPartition(
                number: identity.partition, fillerRoot: filler, fillerUnitRoots: file.roots)
        else { throw .damaged(row: "sealed partition \(identity.partition) is not whole") }
        let prover = SealedProver(packed, using: hash)
        guard let roots = prover.roots else { throw .damaged(row: "sealed partition \(identity.partition)") }
        partitions[identity.partition] = Partition(file: file, prover: prover, steps: steps)
        return roots
    }

    private func answer(_ question: PieceQuestion) -> (PieceStatus, [UInt8]) {
        do throws(StoreError) {
            return try bytes(of: question).map { (.well, $0) } ?? (.unknown, [])
        } catch {
            return (.unavailable, [])
        }
    }

    /// Nil for what is not sealed here.
    private func bytes(of question: PieceQuestion) throws(StoreError) -> [UInt8]? {
        switch question {
        case .walk(let asked):
            guard let own = partition(asked) else { return nil }
            let walk = asked.walk(on: chain)
            guard let last = try own.prover.end(of: walk, steps: own.steps, over: own.file) else { return nil }
            let signature = configuration.device.identity.key.sign(
                walk.signedBody(last: last), tag: WalkQuestion.answerTag, chain: chain)
            return WalkEnd(last: last, signature: signature).encoded
        case .leaves(let asked):
            guard let own = partition(asked) else { return nil }
            return try own.prover.answer(asked.walk(on: chain), steps: own.steps, over: own.file)?.encoded
        case .check(let asked):
            guard let own = partition(asked) else { return nil }
            return try own.prover.check(asked.walk(on: chain), steps: own.steps, over: own.file)?.encoded
        default: return nil
        }
    }

    private func partition(_ asked: RoundQuestion) -> Partition? {
        guard let own = partitions[asked.partition], own.file.identity.provider == asked.provider else { return nil }
        return own
    }
}
