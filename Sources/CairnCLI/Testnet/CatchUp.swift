import CairnBase

/// How far the nodes of a testnet have come while somebody waits for them: who is behind, and whether it still moves.
struct CatchUp: Sendable {
    /// How long a node may stand still before waiting for it is no use, and how long all of it may take.
    static let stallTime = TimeSpan.seconds(30)
    static let patience = TimeSpan.seconds(600)

    enum Complaint: Sendable, Equatable {
        case stands(node: Int, at: UInt64, of: UInt64)
        case slow(node: Int, at: UInt64, of: UInt64)
    }

    private let begin: Instant
    private var heights: [UInt64]
    private var moved: [Instant]

    init(nodes count: Int, at now: Instant) {
        begin = now
        heights = Array(repeating: 0, count: count)
        moved = Array(repeating: now, count: count)
    }

    /// What the nodes say now; nil for one that did not answer.
    mutating func take(_ new: [UInt64?], at now: Instant) {
        for (index, height) in new.enumerated().prefix(heights.count) {
            guard let height, height > heights[index] else { continue }
            heights[index] = height
            moved[index] = now
        }
    }

    private var furthest: UInt64 { heights.max() ?? 0 }

    /// Why to wait no longer. Of several nodes that stand still, the one that is furthest behind is named.
    func complaint(at now: Instant) -> Complaint? {
        let stalled = heights.indices.filter { now.since(moved[$0]) >= Self.stallTime }
        if let node = stalled.min(by: { heights[$0] < heights[$1] }) {
            return .stands(node: node, at: heights[node], of: furthest)
        }
        guard now.since(begin) >= Self.patience, let node = heights.indices.min(by: { heights[$0] < heights[$1] })
        else { return nil }
        return .slow(node: node, at: heights[node], of: furthest)
    }

    /// Those that are behind, as `n2 45 of 310`; empty when nobody is by more than a few blocks.
    func progress(_ names: [String]) -> String {
        zip(names, heights).filter { $0.1 + Self.closeBy < furthest }.map { "\($0) \($1) of \(furthest)" }
            .joined(separator: ", ")
    }

    /// Asked one after the other, nodes that keep up differ by so many blocks.
    private static let closeBy: UInt64 = 3
}
