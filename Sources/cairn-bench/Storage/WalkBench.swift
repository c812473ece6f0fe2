import CairnBase
import CairnCrypto
import CairnStorage
import Glibc

/// How long a holder takes to answer a walk over a partition on this disk, none of it in memory, beside the deadline.
func walkBench() -> [Figure] {
    [("testnet", WalkTerms.testnet, 64), ("solid state", WalkTerms.solidState, 1024)].compactMap { name, terms, units in
        guard let answer = slowestWalk(terms, units: units) else { return nil }
        let deadline = Double(terms.deadline.nanoseconds) / 1e6
        return Figure(
            bench: "storage", name: "walk, \(name)", value: answer, unit: "ms", limit: deadline,
            limitName: "the deadline D",
            ratio: answer / deadline, better: .lower, target: 0.5)
    }
}

/// The slowest of nine walks, in milliseconds.
///
/// SAFETY: strings and buffers are lent to the C library for one call.
private func slowestWalk(_ terms: WalkTerms, units: Int) -> Double? {
    let path = "/tmp/cairn-bench-\(getpid())-partition"
    let size = units * StorageUnits.unitBytes
    guard unsafe system("head -c \(size) /dev/urandom > \(path)") == 0 else { return nil }
    let file = unsafe open(path, O_RDONLY)
    defer {
        close(file)
        _ = unsafe unlink(path)
    }
    guard file >= 0 else { return nil }
    let (hash, leaves) = (Blake2b(), UInt64(units) * UInt64(StorageUnits.leavesPerUnit))
    let key = SecretKey(seed: .random())
    var slowest = 0.0
    for nonce in UInt8(0)..<9 {
        fsync(file)
        posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED)
        let question = WalkQuestion(
            chain: ChainID(.zero), challenge: .zero, provider: .zero, partition: 0, witness: .zero,
            nonce: hash.digest(DomainTag("cn/bench"), [nonce]).raw)
        var isWhole = true
        let time = Measurement.nanoseconds {
            guard var walk = Walk(from: question.start(using: hash), leaves: leaves) else { return }
            var leaf = [UInt8](repeating: 0, count: StorageUnits.leafBytes)
            for _ in 0..<terms.steps {
                let offset = off_t(walk.place) * off_t(StorageUnits.leafBytes)
                isWhole = unsafe pread(file, &leaf, leaf.count, offset) == leaf.count && isWhole
                isWhole = walk.step(over: leaf, using: hash) && isWhole
            }
            _ = key.sign(
                question.signedBody(last: walk.digest), tag: WalkQuestion.answerTag, chain: question.chain)
        }
        guard isWhole else { return nil }
        slowest = max(slowest, time / 1e6)
    }
    return slowest
}
