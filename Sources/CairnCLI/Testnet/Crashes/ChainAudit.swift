import CairnBase
import CairnLedger
import CairnRuntime
import CairnStore

/// The chains of several nodes side by side, read from their homes while none of them runs.
struct ChainAudit {
    private let stores: [ChainStore]
    /// The height all of them have reached.
    let height: Height

    init(_ homes: [Home]) throws(Failure) {
        var stores: [ChainStore] = []
        for home in homes {
            stores.append(try Self.reading { () throws(StoreError) in try ChainStore(directory: home.path) })
        }
        self.stores = stores
        height = stores.compactMap { $0.head?.height }.min() ?? .genesis
    }

    /// The heights at which two of them have executed different blocks.
    func forks() throws(Failure) -> [Height] {
        var forks: [Height] = []
        var next = Height(1)
        while next <= height {
            let digests = try Self.reading { () throws(StoreError) in
                try stores.map { store throws(StoreError) in try store.block(at: next)?.digest }
            }
            if Set(digests).count != 1 { forks.append(next) }
            next = next.next
        }
        return forks
    }

    /// Those of the accepted transfers that no block of the first chain has carried out.
    func lost(_ accepted: [CrashTraffic.Accepted]) throws(Failure) -> [Digest] {
        guard let store = stores.first else { return [] }
        return try Self.reading { () throws(StoreError) in
            var lost: [Digest] = []
            for transfer in accepted
            where try store.receipt(of: transfer.id, from: transfer.since)?.1.outcome != .applied {
                lost.append(transfer.id)
            }
            return lost
        }
    }

    func readCertificates(into votes: inout VoteAudit) throws(Failure) {
        for store in stores {
            do throws(StoreError) {
                try votes.read(certificatesIn: store, from: Height(1))
            } catch {
                throw Failure(.chainStopped, "\(error)")
            }
        }
    }

    private static func reading<Value>(_ body: () throws(StoreError) -> Value) throws(Failure) -> Value {
        do throws(StoreError) {
            return try body()
        } catch {
            throw Failure(.chainStopped, "\(error)")
        }
    }
}
