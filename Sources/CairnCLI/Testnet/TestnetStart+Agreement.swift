import CairnBase
import CairnRuntime

/// The step that waits for the chain: a node that was down for long is given the time to catch up while it moves.
extension TestnetStart {
    /// How far the chain must have come on every node before a testnet counts as working.
    private static let height: UInt64 = 3
    private static let progressTime = TimeSpan.seconds(3)

    /// Waits until every node has executed the same block.
    mutating func untilAgreed() throws(Failure) {
        try step("consensus") { start throws(Failure) in try start.waitUntilAgreed() }
    }

    func waitUntilAgreed() throws(Failure) -> String {
        let nodes = testnet.manifest.nodes
        var catchUp = CatchUp(nodes: nodes.count, at: Clock.monotonic())
        var nextNote = Clock.monotonic() + Self.progressTime
        while true {
            let states = testnet.states(timeout: .seconds(2))
            for (node, state) in zip(nodes, states) where !state.isAlive {
                throw failure(node, "node \(node.name) ended")
            }
            let chains = states.compactMap { $0.report?.chain }
            if chains.count == nodes.count, let agreed = try agreement(chains) { return agreed }
            let now = Clock.monotonic()
            catchUp.take(states.map { $0.report?.chain?.height }, at: now)
            if let complaint = catchUp.complaint(at: now) { throw failure(complaint) }
            if now >= nextNote {
                let progress = catchUp.progress(nodes.map(\.name))
                if !progress.isEmpty { session.note("  catching up: \(progress)") }
                nextNote = now + Self.progressTime
            }
            pause(.milliseconds(50))
        }
    }

    /// The highest block that all remember; nil while one of them is too far behind for that.
    private func agreement(_ chains: [NodeReport.Chain]) throws(Failure) -> String? {
        guard let first = chains.first else { return nil }
        // Asked one after the other, some are a block ahead.
        let common = chains.dropFirst().reduce(Set(first.recent.keys)) { $0.intersection($1.recent.keys) }
        guard let height = common.max(), height >= Self.height else { return nil }
        let blocks = Set(chains.compactMap { $0.recent[height] })
        guard blocks.count == 1, let block = blocks.first else {
            throw failure(testnet.manifest.nodes[0], "the nodes disagree about block \(height)")
        }
        return "height \(height) on \(chains.count)/\(chains.count) nodes, block \(block.prefix(8)) agrees"
    }

    private func failure(_ complaint: CatchUp.Complaint) -> Failure {
        let nodes = testnet.manifest.nodes
        switch complaint {
        case .stands(let index, let height, let furthest):
            return failure(
                nodes[index],
                "node \(nodes[index].name) stands at height \(height) of \(furthest) since \(CatchUp.stallTime.plain)")
        case .slow(let index, let height, let furthest):
            return failure(
                nodes[index],
                "node \(nodes[index].name) has come to height \(height) of \(furthest) in \(CatchUp.patience.plain)")
        }
    }
}
