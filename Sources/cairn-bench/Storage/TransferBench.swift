import CBaseline
import CairnBase
import CairnCrypto
import CairnErasure
import CairnStorage
import Glibc

/// A file put with eight real holders as 4 of 8 and fetched again, beside what its cipher, hash, code and disk take alone.
///
/// SAFETY: strings and buffers are lent to the C library for one call.
func transferBench() -> [Figure] {
    guard let net = HolderTestnet(holders: 8) else { return [] }
    defer { net.remove() }
    let (source, target) = (net.directory + "/source", net.directory + "/target")
    guard unsafe system("head -c \(Transfer.bytes) /dev/urandom > \(source)") == 0 else { return [] }
    let parts = Transfer(directory: net.directory)
    let empty = net.diskBytes()
    // A node takes a while to know what its peers speak.
    var put = net.storage(["put", source])
    for _ in 0..<20 where !put.succeeded {
        sleep(1)
        put = net.storage(["put", source])
    }
    let stored = net.diskBytes() - empty
    let get = net.storage(["get", "source", target])
    let isEqual = unsafe system("cmp -s \(source) \(target)") == 0
    let pieces = Double(Transfer.bytes) * 2
    func speed(_ name: String, _ seconds: Double, allowed: Double, _ succeeded: Bool) -> Figure {
        let megabytes = Double(Transfer.bytes) / 1e6
        return Figure(
            bench: "storage", name: name, value: succeeded ? megabytes / seconds : 0, unit: "MB/s",
            limit: megabytes / allowed, limitName: "cipher, hash, code, disk",
            ratio: succeeded ? allowed / seconds : 0, better: .higher, target: 0.5)
    }
    func memory(_ name: String, _ run: HolderTestnet.Run) -> Figure {
        Figure(
            bench: "storage", name: name, value: run.megabytes, unit: "MiB", limit: 128,
            limitName: "64 MiB and a segment", ratio: run.megabytes / 128, better: .lower, target: 1)
    }
    return [
        speed("put, 8 holders", put.seconds, allowed: parts.put, put.succeeded),
        speed("get, 8 holders", get.seconds, allowed: parts.get, get.succeeded && isEqual),
        memory("memory of put", put), memory("memory of get", get),
        Figure(
            bench: "storage", name: "bytes on disk", value: stored / 1e6, unit: "MB", limit: pieces / 1e6,
            limitName: "the coded bytes", ratio: stored / pieces, better: .lower, target: 1.05),
    ]
}

/// What a transfer cannot do without, in seconds, each measured alone on one core and shared by all of them.
///
/// SAFETY, throughout: a string is lent to the C library for one call.
private struct Transfer {
    static let bytes = 256 << 20
    private static let sample = 16 << 20

    let put: Double
    let get: Double

    init(directory: String) {
        let data = (0..<Self.sample).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 7) }
        let size = Double(Self.bytes)
        func perByte(_ work: () -> Void) -> Double { Measurement.alone(operations: Self.sample, work) / 1e9 }
        let stream = perByte {
            var sealer = SecretStream.Sealer(key: .zero)
            var output: [UInt8] = []
            for start in stride(from: 0, to: data.count, by: 64 << 10) {
                output.removeAll(keepingCapacity: true)
                sealer.seal(data.span.bytes.extracting(start..<(start + 64 << 10)), into: &output)
            }
            baseline_keep(UInt64(output.count))
        }
        // Sealed where it is sent, opened where it is heard.
        let link = perByte { baseline_keep(UInt64(baseline_seal_and_open(data, 32 << 10, Self.sample / (32 << 10)))) }
        let hash = perByte {
            var digest = PieceDigest()
            digest.update(data.span.bytes, using: Blake2b())
            baseline_keep(UInt64(digest.byteCount))
        }
        let code = perByte {
            guard let code = ErasureCode(needed: 4, total: 8) else { return }
            let width = 64 << 10
            for start in stride(from: 0, to: data.count, by: 4 * width) {
                let strips = data.span.bytes.extracting(start...)
                let parity = code.encode(strips, stride: width, width: width, using: VectorKernel())
                baseline_keep(UInt64(parity?.first ?? 0))
            }
        }
        let cores = Double(max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
        let stored = 2.0
        let disk =
            Measurement.nanoseconds {
                unsafe system(
                    "dd if=/dev/zero of=\(directory)/disk bs=1M count=64 conv=fsync status=none && rm \(directory)/disk"
                )
            } / 1e9 / Double(64 << 20)
        // Put: named here, and compared with its name where it is kept.
        put = size * ((stream + code + stored * (link + 2 * hash)) / cores + stored * disk)
        get = size * ((stream + link + hash) / cores + disk)
    }
}
