import CairnBase
import CairnLedger
import CairnNode
import CairnStore
import CairnThreads

/// Snapshots of the state, for nodes that begin.
extension ChainShell {
    struct Snapshots {
        let maker: Worker<HandedOver<ChainReader>, Result<SnapshotShelf.Prepared, StoreError>>
        let desk: Worker<SnapshotDesk.Job, SnapshotDesk.Answer>

        func finish() {
            maker.finish()
            desk.finish()
        }
    }

    /// Nil where none are made, and where there is no room for them: the chain goes on without.
    func openSnapshots(of chain: ChainID) throws(SystemError) -> Snapshots? {
        guard configuration.makesSnapshots else { return nil }
        let directory = configuration.directory + "/snapshots"
        let desk: HandedOver<SnapshotDesk>
        do throws(StoreError) {
            desk = HandedOver(try SnapshotDesk(directory: directory, of: chain))
        } catch {
            log.warn("no snapshots are made", ["reason": .text("\(error)")])
            return nil
        }
        let maker = SnapshotMaker(directory: directory, reserve: Limits.Store().diskReserve)
        return Snapshots(
            maker: try Worker(
                name: "snapshot", on: loop, capacity: 1, makeWork: { { maker.make($0) } },
                complete: { [weak self] in self?.made($0) }),
            desk: try Worker(
                name: "snapshots", on: loop, capacity: 256, makeWork: { { desk.value.handle($0) } },
                complete: { [weak self] in self?.answered($0) }))
    }

    /// While the last one is still being written, this one is left out.
    func makeSnapshot(_ reader: Result<HandedOver<ChainReader>, StoreError>) {
        switch reader {
        case .success(let reader): _ = snapshots?.maker.submit(reader)
        case .failure(let error): missing(error)
        }
    }

    private func made(_ result: Result<SnapshotShelf.Prepared, StoreError>) {
        switch result {
        // Where peers have asked too much to take it, there is one snapshot less.
        case .success(let prepared): _ = snapshots?.desk.submit(.shelve(prepared))
        case .failure(let error): missing(error)
        }
    }

    private func missing(_ error: StoreError) {
        log.warn("a snapshot was not made or read", ["reason": .text("\(error)")])
    }

    private func answered(_ answer: SnapshotDesk.Answer) {
        switch answer {
        case .shelved(let header):
            log.debug("made a snapshot", ["height": .ordinal(header.height), "chunks": .count(Int(header.chunkCount))])
        case .history(let answer, let ticket): reply(answer, ticket)
        case .failed(let error, let ticket):
            missing(error)
            if let ticket { reply(nil, ticket) }
        }
    }
}
