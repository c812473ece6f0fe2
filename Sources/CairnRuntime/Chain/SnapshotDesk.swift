import CairnBase
import CairnCrypto
import CairnLedger
import CairnNode
import CairnStore
import CairnThreads

/// Makes snapshots, on a thread of its own: it may not hold up the chain, nor those who fetch one.
struct SnapshotMaker: Sendable {
    let directory: String
    let reserve: UInt64

    /// Of the block that a reader was opened at, the last of an epoch.
    func make(_ reader: HandedOver<ChainReader>) -> Result<SnapshotShelf.Prepared, StoreError> {
        do throws(StoreError) {
            return .success(try SnapshotShelf.prepare(reader.value, in: directory, keeping: reserve))
        } catch {
            return .failure(error)
        }
    }
}

/// The snapshots that this node hands out, on a thread beside the chain's.
final class SnapshotDesk {
    enum Job: Sendable {
        case shelve(SnapshotShelf.Prepared)
        case serve(HistoryRequest, ticket: UInt64)
    }

    enum Answer: Sendable {
        case shelved(SnapshotHeader)
        case history(HistoryAnswer?, ticket: UInt64)
        /// Nothing that the chain depends on.
        case failed(StoreError, ticket: UInt64?)
    }

    private var shelf: SnapshotShelf

    init(directory: String, of chain: ChainID) throws(StoreError) {
        shelf = try SnapshotShelf(directory: directory, of: chain)
    }

    func handle(_ job: Job) -> Answer {
        switch job {
        case .shelve(let prepared):
            do throws(StoreError) {
                try shelf.add(prepared)
                return .shelved(prepared.header)
            } catch {
                return .failed(error, ticket: nil)
            }
        case .serve(let request, let ticket):
            do throws(StoreError) {
                return .history(try answer(request), ticket: ticket)
            } catch {
                return .failed(error, ticket: ticket)
            }
        }
    }

    private func answer(_ request: HistoryRequest) throws(StoreError) -> HistoryAnswer? {
        switch request {
        case .snapshot(let height): shelf.contents(at: height).map { .snapshot($0) }
        case .chunk(let number, let list): try shelf.chunk(number, of: list).map { .chunk($0) }
        default: nil
        }
    }
}
