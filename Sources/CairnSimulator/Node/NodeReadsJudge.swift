import CairnBase
import CairnLedger

/// N16: what a node tells of an account is what the chain holds of it at the height that it says.
struct NodeReadsJudge: Sendable {
    /// Of each account that somebody asks for, what it became and when.
    private var pasts = OrderedMap<AccountID, [(height: Height, account: Account?)]>()

    init(_ world: NodeWorld, _ beginning: NodeChain) {
        let depositor = world.depot.map { [$0.purse] } ?? []
        for user in world.purses + world.members.map(\.account) + depositor {
            pasts[user.id] = [(.genesis, beginning.account(user.id))]
        }
    }

    mutating func executed(_ chain: NodeChain) {
        for id in pasts.keys {
            let account = chain.account(id)
            guard let last = pasts[id]?.last, last.account != account else { continue }
            pasts[id]?.append((chain.height, account))
        }
    }

    func told(
        _ id: AccountID, _ account: Account?, at height: Height, by process: ProcessID, on chain: NodeChain
    ) -> Violation? {
        guard let past = pasts[id] else { return nil }
        guard height <= chain.height else {
            return Violation("N16 reads", "\(process) tells of height \(height), which nobody has reached")
        }
        guard let known = past.last(where: { $0.height <= height }), known.account == account else {
            return Violation("N16 reads", "\(process) told something else of \(id) at height \(height)")
        }
        return nil
    }
}
