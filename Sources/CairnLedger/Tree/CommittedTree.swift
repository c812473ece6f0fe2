public import CairnBase

/// The tree over the committed state: its forks in one array, its buckets in another, changed in place when a block is
/// committed.
///
/// A block under way does not change it: `StateTree.apply` says in a `TreeUpdate` what will be different, and `take` makes
/// it so. The arrays hold no references but those of the buckets, so that a walk down a large tree costs about as many
/// cache lines as levels, and a commit no memory but for new buckets.
///
/// A bucket may be let go: then only its hash is known, and whoever keeps the state reads it again.
public struct CommittedTree: Sendable {
    public private(set) var root = TreeBranch.empty
    /// Bytes in the buckets that are held.
    public private(set) var held = 0
    private var forks: [TreeFork] = []
    private var buckets: [TreeBucket?] = []
    /// Places in the arrays that can be taken again.
    private var freeForks: [UInt32] = []
    private var freeBuckets: [UInt32] = []

    public init() {}

    /// As it was built.
    @usableFromInline
    init(root: TreeBranch, _ forks: [TreeFork], _ buckets: [TreeBucket?]) {
        (self.root, self.forks, self.buckets) = (root, forks, buckets)
        held = buckets.reduce(0) { $0 + ($1?.byteCount ?? 0) }
    }

    public var hash: Digest { root.subtree.hash }
    public var count: Int { root.subtree.count }

    @usableFromInline
    func fork(of branch: TreeBranch) -> TreeFork { forks[branch.index] }

    /// What lies in a bucket; nil where it was let go.
    public func bucket(of branch: TreeBranch) -> TreeBucket? {
        branch.subtree.isEmpty ? TreeBucket() : buckets[branch.index]
    }
}

extension CommittedTree {
    /// True if an update was made from this tree or from one that is equal.
    public func fits(_ update: TreeUpdate) -> Bool { update.base == hash }

    /// Becomes the tree after a block, whose update was made from this one or from one that is equal.
    public mutating func take(_ update: TreeUpdate) {
        invariant(fits(update), "a block is committed to the tree it was applied to")
        var next = 0
        root = take(update, &next, instead: root)
        invariant(next == update.steps.count && hash == update.root, "an update leads through the whole tree")
    }

    /// Follows the update from a step on, and the tree beside it.
    private mutating func take(_ update: TreeUpdate, _ next: inout Int, instead old: TreeBranch) -> TreeBranch {
        guard next < update.steps.count else { return old }
        let step = update.steps[next]
        next += 1
        switch step {
        case .fork(let leaves, let hash):
            let isFork = !old.subtree.isBucket
            if !isFork { remove(old) }
            let place = isFork ? old.place : Self.place(in: &forks, TreeFork(.empty, .empty), &freeForks)
            let halves = isFork ? forks[old.index] : TreeFork(.empty, .empty)
            let left = take(update, &next, instead: halves.left)
            forks[Int(place)] = TreeFork(left, take(update, &next, instead: halves.right))
            return TreeBranch(update.subtree(hash, leaves: leaves), place: place)
        case .bucket(let bucket, let hash):
            let isBucket = old.subtree.isBucket && !old.subtree.isEmpty
            if !isBucket { remove(old) }
            let place = isBucket ? old.place : Self.place(in: &buckets, nil, &freeBuckets)
            hold(bucket, at: Int(place))
            let leaves = UInt32(truncatingIfNeeded: bucket.count)
            return TreeBranch(update.subtree(hash, leaves: leaves), place: place)
        case .nothing:
            remove(old)
            return .empty
        case .same: return old
        }
    }

    private static func place<Element>(
        in array: inout [Element], _ empty: Element, _ free: inout [UInt32]
    ) -> UInt32 {
        if let place = free.popLast() { return place }
        array.append(empty)
        return UInt32(truncatingIfNeeded: array.count - 1)
    }

    private mutating func remove(_ branch: TreeBranch) {
        if branch.subtree.isEmpty { return }
        if branch.subtree.isBucket {
            hold(nil, at: branch.index)
            return freeBuckets.append(branch.place)
        }
        freeForks.append(branch.place)
        remove(forks[branch.index].left)
        remove(forks[branch.index].right)
    }

    private mutating func hold(_ bucket: TreeBucket?, at index: Int) {
        held += (bucket?.byteCount ?? 0) - (buckets[index]?.byteCount ?? 0)
        buckets[index] = bucket
    }
}

extension CommittedTree {
    /// The bucket in which a path ends, empty where nothing lies there.
    public func end(of path: Digest) -> (branch: TreeBranch, depth: Int) {
        var (branch, depth) = (root, 0)
        while !branch.subtree.isBucket {
            branch = forks[branch.index].half(path.raw.bit(depth))
            depth += 1
        }
        return (branch, depth)
    }

    /// The same for several paths, side by side: a walk waits for memory at every level, and these wait together.
    public func ends(of paths: [Digest]) -> [(branch: TreeBranch, depth: Int)] {
        var ends = paths.map { _ in (branch: root, depth: 0) }
        var walking = Array(paths.indices)
        while !walking.isEmpty {
            walking.removeAll { ends[$0].branch.subtree.isBucket }
            for index in walking {
                let (branch, depth) = ends[index]
                ends[index] = (forks[branch.index].half(paths[index].raw.bit(depth)), depth + 1)
            }
        }
        return ends
    }

    /// Every bucket with its place, in the order of paths.
    public func forEachBucket<Failure: Error>(
        do body: (TreePath, TreeBranch) throws(Failure) -> Void
    ) throws(Failure) {
        try forEachBucket(below: root, at: .root, do: body)
    }

    private func forEachBucket<Failure: Error>(
        below branch: TreeBranch, at place: TreePath, do body: (TreePath, TreeBranch) throws(Failure) -> Void
    ) throws(Failure) {
        if branch.subtree.isEmpty { return }
        if branch.subtree.isBucket { return try body(place, branch) }
        let fork = forks[branch.index]
        try forEachBucket(below: fork.left, at: place.child(false), do: body)
        try forEachBucket(below: fork.right, at: place.child(true), do: body)
    }
}

extension CommittedTree: Equatable {
    public static func == (left: CommittedTree, right: CommittedTree) -> Bool {
        left.hash == right.hash && left.count == right.count
    }
}

extension CommittedTree {
    /// Lets at least so many bytes of buckets go, as far as it holds them, in the order of their paths from `start` on, and
    /// from the first path again. Says where to go on the next time.
    public mutating func letGo(of bytes: Int, from start: Digest) -> Digest {
        var sweep = Sweep(target: held - bytes, start: start, end: start)
        letGo(below: root, at: .root, &sweep)
        if held > sweep.target {
            sweep.start = .zero
            letGo(below: root, at: .root, &sweep)
        }
        return sweep.end
    }

    private struct Sweep {
        /// What may still be held when it is done.
        let target: Int
        var start: Digest
        var end: Digest
    }

    private mutating func letGo(below branch: TreeBranch, at place: TreePath, _ sweep: inout Sweep) {
        guard !branch.subtree.isEmpty, held > sweep.target, place.last >= sweep.start else { return }
        if branch.subtree.isBucket {
            guard buckets[branch.index] != nil else { return }
            hold(nil, at: branch.index)
            sweep.end = place.last
            return
        }
        let fork = forks[branch.index]
        letGo(below: fork.left, at: place.child(false), &sweep)
        letGo(below: fork.right, at: place.child(true), &sweep)
    }
}
