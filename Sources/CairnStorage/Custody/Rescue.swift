/// One piece on its way back: enough others are fetched, one in the place of each that cannot be had.
public struct Rescue: Sendable {
    public enum Step: Sendable {
        case fetch(Making.Source)
        /// Enough are here. What is still on its way is not wanted.
        case make([(shard: Int, bytes: [UInt8])])
        /// What can be had is not enough.
        case fail
    }

    public let making: Making
    private var sources: ArraySlice<Making.Source>
    private var found: [(shard: Int, bytes: [UInt8])] = []
    private var open = 0
    private var isOver = false

    /// - Parameter canAsk: whether a source can be asked just now.
    public init(_ making: Making, canAsk: (Making.Source) -> Bool) {
        self.making = making
        sources = making.sources.filter(canAsk)[...]
    }

    public mutating func begin() -> [Step] {
        var steps: [Step] = []
        for _ in 0..<making.code.needed where !isOver { steps += next() }
        return steps
    }

    public mutating func took(_ bytes: [UInt8], of shard: Int) -> [Step] {
        guard !isOver else { return [] }
        open -= 1
        found.append((shard, bytes))
        guard found.count == making.code.needed else { return [] }
        isOver = true
        defer { found = [] }
        return [.make(found)]
    }

    /// A source did not hand out what it should have.
    public mutating func missed() -> [Step] {
        guard !isOver else { return [] }
        open -= 1
        return next()
    }

    private mutating func next() -> [Step] {
        if let source = sources.popFirst() {
            open += 1
            return [.fetch(source)]
        }
        guard open + found.count < making.code.needed else { return [] }
        isOver = true
        return [.fail]
    }
}
