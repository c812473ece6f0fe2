import CairnBase
import CairnLedger
import CairnNode
import CairnStore

/// Snapshots of the state, for nodes that begin.
extension ChainShell {
    typealias Snapshots = Worker<SnapshotDesk.Job, SnapshotDesk.Answer>

    /// Nil where none are made, and where there is no room for them: the chain goes on without.
    func makeSnapshots() throws(SystemError) -> Snapshots? {
        guard configuration.makesSnapshots else { return nil }
        let desk: HandedOver<SnapshotDesk>
        do throws(StoreError) {
            desk = HandedOver(try SnapshotDesk(home: configuration.directory))
        } catch {
            log.warn("no snapshots are made", ["reason": .text("\(error)")])
            return nil
        }
        return try Worker(
            name: "snapshots", on: loop, capacity: 256, makeWork: { { desk.value.handle($0) } },
            complete: { [weak self] in self?.answered($0) })
    }

    private func answered(_ answer: SnapshotDesk.Answer) {
        switch answer {
        case .made(let header):
            log.debug("made a snapshot", ["height": .ordinal(header.height), "chunks": .count(Int(header.chunkCount))])
        case .history(let answer, let ticket): reply(answer, ticket)
        case .failed(let error, let ticket):
            log.warn("a snapshot was not made or read", ["reason": .text("\(error)")])
            if let ticket { reply(nil, ticket) }
        }
    }
}
