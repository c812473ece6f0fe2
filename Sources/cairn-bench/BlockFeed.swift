import CairnBase
import CairnCrypto
import CairnLedger
import CairnStore
import CairnWire
import Glibc

/// Blocks that were made and checked before the clock starts, in a file: a node that catches up has them from peers, and so
/// they take no memory.
final class BlockFeed {
    private let descriptor: Int32
    private var sizes: [Int] = []
    private var position = 0

    init(_ path: String) throws {
        descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC, 0o600)
        guard descriptor >= 0 else { throw StoreError.file(operation: "open", path: path, errno: errno) }
    }

    deinit { close(descriptor) }

    /// Checks the signatures of a block's transactions and writes it down; the seconds that the checks took.
    func add(_ claims: [Claim<Transaction>], on chain: ChainID) throws -> Double {
        var isGood = false
        let time = seconds { isGood = Verifier(chain: chain).verify(claims).allSatisfy { $0 != nil } }
        let payload = claims.flatMap(\.value.encoded)
        // SAFETY: the bytes live for the call and their size is their own.
        guard isGood, unsafe write(descriptor, payload, payload.count) == payload.count else {
            throw StoreError.file(operation: "write", path: "blocks", errno: errno)
        }
        sizes.append(payload.count)
        return time
    }

    func rewind() throws {
        position = 0
        guard lseek(descriptor, 0, SEEK_SET) == 0 else {
            throw StoreError.file(operation: "seek", path: "blocks", errno: errno)
        }
    }

    func next() throws -> [UInt8] {
        var payload = [UInt8](repeating: 0, count: sizes[position])
        position += 1
        // SAFETY: as above.
        guard unsafe read(descriptor, &payload, payload.count) == payload.count else {
            throw StoreError.file(operation: "read", path: "blocks", errno: errno)
        }
        return payload
    }

    static func transactions(in payload: [UInt8]) throws -> [Verified<Transaction>] {
        var reader = ByteReader(payload.span.bytes)
        var transactions: [Verified<Transaction>] = []
        transactions.reserveCapacity(LedgerRun.transfers)
        while reader.remaining > 0 {
            let transaction = try Transaction(from: &reader)
            transactions.append(Verified(vouchedFor: transaction, signer: transaction.key))
        }
        return transactions
    }
}
