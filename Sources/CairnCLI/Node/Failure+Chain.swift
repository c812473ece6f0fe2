import CairnRuntime
import CairnStore

extension Failure {
    /// Why a node's part in its chain ended, as the person who runs it has to know it.
    init(_ failure: ChainFailure) {
        switch failure {
        case .store(.locked(_, let pid)), .signLog(.locked(_, let pid)):
            self.init(
                .nodeRunning, "another process uses this home's chain\(pid.map { ": pid \($0)" } ?? "")",
                hints: [Hint("cairn nodes", "lists the nodes of this user")])
        case .store, .overloaded, .system, .signLog(.file), .signLog(.stopped), .signLog(.tooLarge):
            self.init(.chainStopped, "\(failure)")
        case .otherChain: self.init(.genesisInvalid, "\(failure)")
        case .otherThanCheckpoint:
            self.init(
                .configValue, "\(failure)",
                hints: [
                    Hint("cairn chain status", "on a node that you trust, shows the checkpoint of its chain"),
                    Hint("chain.db", "holds the other chain until it is removed from the home"),
                ])
        case .signLog, .doubleSignGuard: self.init(.voteGuard, "\(failure)")
        }
    }
}
