import CBaseline
import CairnBase
import CairnCrypto
import CairnWire

/// Bytes, hashes and signatures: what every other part pays for, beside the bare C library in the same run.
func baseBench() -> [Figure] {
    [codec(), allocations(), hashing(), sideBySide(), verifying()]
}

/// A message of 200 bytes with the fields a vote-sized message has: ids, numbers, a signature, a short tail.
private struct Sample: Canonical {
    static let count = 200
    let chain: ChainID
    let digest: Digest
    let height: Height
    let view: View
    let flags: (UInt32, UInt32, UInt32, UInt32)
    let signer: PublicKey
    let kind: UInt64
    let signature: Signature

    init(
        chain: ChainID, digest: Digest, height: Height, view: View, signer: PublicKey, kind: UInt64,
        signature: Signature
    ) {
        self.chain = chain
        self.digest = digest
        self.height = height
        self.view = view
        flags = (1, 2, 3, 4)
        self.signer = signer
        self.kind = kind
        self.signature = signature
    }

    init(from reader: inout ByteReader) throws(DecodeError) {
        chain = try reader.identifier()
        digest = try reader.identifier()
        height = try reader.ordinal()
        view = try reader.ordinal()
        flags = (try reader.u32(), try reader.u32(), try reader.u32(), try reader.u32())
        signer = try reader.identifier()
        kind = try reader.u64()
        signature = try reader.signature()
    }

    func encode(into writer: inout ByteWriter) {
        writer.identifier(chain)
        writer.identifier(digest)
        writer.ordinal(height)
        writer.ordinal(view)
        writer.u32(flags.0)
        writer.u32(flags.1)
        writer.u32(flags.2)
        writer.u32(flags.3)
        writer.identifier(signer)
        writer.u64(kind)
        writer.signature(signature)
    }

    static let example: Sample = {
        let key = SecretKey(seed: .random())
        let hash = Blake2b()
        let digest = hash.digest(DomainTag("cn/bench"), [1, 2, 3])
        return Sample(
            chain: ChainID(digest.raw), digest: digest, height: Height(7), view: View(9), signer: key.publicKey,
            kind: 5, signature: key.sign([4, 5, 6]))
    }()
}

/// Out of line, so that every field is decoded and the caller's interest in one of them cannot drop the others.
@inline(never)
private func decodeSample(_ bytes: [UInt8]) -> Sample? {
    try? Sample.decode(bytes, limit: 1_024)
}

private func codec() -> Figure {
    let bytes = Sample.example.encoded
    let rounds = 200_000
    let time = Measurement.alone(operations: rounds) {
        for _ in 0..<rounds {
            if let sample = decodeSample(bytes) { baseline_keep(sample.height.number) }
        }
    }
    return Figure(
        bench: "base", name: "decode \(bytes.count) bytes", value: time, unit: "ns/op", limit: 200,
        limitName: "bound", ratio: time / 200, better: .lower, target: 1)
}

private func allocations() -> Figure {
    let bytes = Sample.example.encoded
    let rounds = 10_000
    let before = baseline_allocations()
    for _ in 0..<rounds {
        if let sample = decodeSample(bytes) { baseline_keep(sample.height.number) }
    }
    let perDecode = Double(baseline_allocations() - before) / Double(rounds)
    return Figure(
        bench: "base", name: "heap requests per decode", value: perDecode, unit: "count", limit: 0,
        limitName: "bound", ratio: perDecode, better: .lower, target: 0)
}

/// What a tree of hashes is made of: pairs of digests, a level at a time, beside one after the other in C.
private func sideBySide() -> Figure {
    let pairs = [Digest](repeating: Blake2b().digest(DomainTag("cn/bench"), []), count: 2048)
    let bytes = [UInt8](repeating: 0xa5, count: 64)
    let (rounds, hash) = (400, Blake2b())
    let measured = Measurement.paired(operations: rounds * pairs.count / 2) {
        for _ in 0..<rounds {
            for digest in hash.digests(DomainTag("cn/bench"), pairs: pairs) { baseline_keep(digest.raw.low64) }
        }
    } limit: {
        baseline_keep(UInt64(baseline_blake2b(bytes, bytes.count, rounds * pairs.count / 2)))
    }
    return Figure(
        bench: "base", name: "BLAKE2b-256 of pairs, together", value: measured.ours, unit: "ns",
        limit: measured.limit, limitName: "bare C loop", ratio: 1 / measured.ratio, better: .higher, target: 1)
}

private func hashing() -> Figure {
    let bytes = [UInt8](repeating: 0xa5, count: 64 << 10)
    let rounds = 400
    let hash = Blake2b()
    let measured = Measurement.paired(operations: rounds) {
        for _ in 0..<rounds { baseline_keep(hash.digest(DomainTag("cn/bench"), bytes).raw.low64) }
    } limit: {
        baseline_keep(UInt64(baseline_blake2b(bytes, bytes.count, rounds)))
    }
    let megabytes = Double(bytes.count) * 1_000
    return Figure(
        bench: "base", name: "BLAKE2b-256 of 64 KiB", value: megabytes / measured.ours, unit: "MB/s",
        limit: megabytes / measured.limit, limitName: "bare C loop", ratio: 1 / measured.ratio, better: .higher,
        target: 0.95)
}

private func verifying() -> Figure {
    let key = SecretKey(seed: .random())
    let message = [UInt8](repeating: 7, count: 115)
    let signature = key.sign(message)
    let rounds = 500
    let measured = Measurement.paired(operations: rounds) {
        for _ in 0..<rounds {
            baseline_keep(Ed25519.isValid(signature, of: message, by: key.publicKey) ? 1 : 0)
        }
    } limit: {
        baseline_keep(
            UInt64(
                baseline_verify(signature.bytes, message, message.count, key.publicKey.raw.bytes, rounds)))
    }
    return Figure(
        bench: "base", name: "Ed25519 verify, 115 bytes", value: 1e9 / measured.ours, unit: "per s",
        limit: 1e9 / measured.limit, limitName: "bare C loop", ratio: 1 / measured.ratio, better: .higher,
        target: 0.95)
}
