import CairnBase
import CairnConsensus

/// The fastest that the protocol can be on given links: no cost of computing, nothing lost, every timer perfect.
///
/// For each view, in order: the leader proposes when it enters; a proposal carries the certificate that opened the view,
/// so everyone votes the moment it arrives; a node holds the certificate when the votes of a quorum have reached it, or
/// when the next proposal brings it. A dead leader's view is skipped at once: everyone nullifies on entering.
struct IdealLatency {
    struct View {
        let leader: Int
        let isDead: Bool
        /// When each server enters, holds the notarization, and holds the finalization; nanoseconds.
        var entered: [UInt64]
        var notarized: [UInt64] = []
        var finalized: [UInt64] = []
    }

    let servers: Int
    let alive: [Int]
    /// Whether these servers together are a quorum.
    let isQuorum: (_ servers: ArraySlice<Int>) -> Bool
    let delay: (_ from: Int, _ to: Int) -> UInt64

    /// - Parameters:
    ///   - leaders: who leads each view. Of the last one only the proposal counts.
    ///   - first: the views before this one are played and left out: the first starts everywhere at once, as none does.
    func run(leaders: [Int], from first: Int) -> [View] {
        var entered = [UInt64](repeating: 0, count: servers)
        var views: [View] = []
        for (leader, next) in zip(leaders, leaders.dropFirst()) {
            var view = View(leader: leader, isDead: !alive.contains(leader), entered: entered)
            let votes: [UInt64] = view.isDead ? entered : (0..<servers).map { entered[leader] + delay(leader, $0) }
            view.notarized = arrivals(of: votes)
            // The next leader's proposal may bring the certificate sooner than the votes do.
            if alive.contains(next) {
                for server in 0..<servers {
                    view.notarized[server] = min(view.notarized[server], view.notarized[next] + delay(next, server))
                }
            }
            if !view.isDead { view.finalized = arrivals(of: view.notarized) }
            entered = view.notarized
            views.append(view)
        }
        return Array(views.dropFirst(first))
    }

    /// When each server holds the votes of a quorum that are cast at these times.
    private func arrivals(of votes: [UInt64]) -> [UInt64] {
        (0..<servers).map { receiver in
            let order = alive.map { (server: $0, at: votes[$0] + delay($0, receiver)) }.sorted { $0.at < $1.at }
            let voters = order.map(\.server)
            let last = order.indices.first { isQuorum(voters[...$0]) } ?? order.count - 1
            return order[last].at
        }
    }
}
