import CairnBase
import CairnThreads

/// Hands the database of a chain to and fro between its owner and a thread that writes, so that the owner can work out
/// blocks while those before become durable.
///
/// There is one way to the file, and it waits until nothing is being written.
final class ChainWriter {
    private let owned: ChainFile
    private let limits: Limits.Store
    private let companion = Companion<StoreError?>(name: "commit")
    /// The blocks that were handed in and are not known to be durable, with the bytes they take.
    private var inTheAir: [(height: Height, byteCount: Int)] = []
    /// The newest block that is known to be durable of those handed in.
    private(set) var durable: Height?
    /// Of the first write that failed: what is on the disk is unknown until it is opened again.
    private(set) var failure: StoreError?

    init(_ file: ChainFile, limits: Limits.Store) {
        owned = file
        self.limits = limits
    }

    /// The file, once nothing is being written. Says of a write that it failed, the first time it is known.
    func file() throws(StoreError) -> ChainFile {
        try finish()
        return owned
    }

    /// The file, for somebody who changes it.
    func changing<Result>(_ body: (ChainFile) throws(StoreError) -> Result) throws(StoreError) -> Result {
        let file = try file()
        try requireNoFailure()
        do throws(StoreError) {
            return try body(file)
        } catch {
            failure = error
            throw error
        }
    }

    /// Begins to write a block after those before. Waits only where too much would be in the air.
    func write(_ next: NextBlock) throws(StoreError) {
        let size = next.byteCount
        while !inTheAir.isEmpty,
            inTheAir.count >= limits.blocksInTheAir || bytesInTheAir + size > limits.bytesInTheAir
        {
            try finish(allBut: inTheAir.count - 1)
        }
        try requireNoFailure()
        // SAFETY: here the file is out of reach until `file()` has waited for the companion.
        let lent = HandedOver(owned)
        inTheAir.append((next.block.height, size))
        companion.begin {
            do throws(StoreError) {
                try lent.value.write(next)
                return nil
            } catch {
                return error
            }
        }
    }

    var bytesInTheAir: Int { inTheAir.reduce(0) { $0 + $1.byteCount } }

    func requireNoFailure() throws(StoreError) {
        if failure != nil { throw .stopped }
    }

    /// Waits until no more than `count` blocks are in the air. Says of the first write that failed what went wrong, once.
    func finish(allBut count: Int = 0) throws(StoreError) {
        let products = companion.finish(allBut: count)
        let good = products.prefix { $0 == nil }.count
        if good > 0 { durable = inTheAir[good - 1].height }
        inTheAir.removeFirst(products.count)
        guard good < products.count, failure == nil, let error = products[good] else { return }
        failure = error
        throw error
    }
}
