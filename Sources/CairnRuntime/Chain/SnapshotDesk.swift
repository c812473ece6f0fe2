import CairnBase
import CairnCrypto
import CairnLedger
import CairnNode
import CairnStore

/// The snapshots that this node makes and hands out, on a thread of their own: neither may hold up the chain.
final class SnapshotDesk {
    enum Job: Sendable {
        /// Of the block that a reader was opened at, the last of an epoch.
        case make(HandedOver<ChainReader>)
        case serve(HistoryRequest, ticket: UInt64)
    }

    enum Answer: Sendable {
        case made(SnapshotHeader)
        case history(HistoryAnswer?, ticket: UInt64)
        /// Nothing that the chain depends on.
        case failed(StoreError, ticket: UInt64?)
    }

    private var shelf: SnapshotShelf

    init(home: String) throws(StoreError) {
        shelf = try SnapshotShelf(directory: home + "/snapshots")
    }

    func handle(_ job: Job) -> Answer {
        switch job {
        case .make(let reader):
            do throws(StoreError) {
                return .made(try shelf.add(reader.value))
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
