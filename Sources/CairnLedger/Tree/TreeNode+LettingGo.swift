public import CairnBase

extension TreeNode {
    /// The same tree holding at least `bytes` less, as far as it holds so much: buckets are let go in the order of their
    /// paths from `start` on, and from the first path again. Also where to go on the next time.
    public func lettingGo(of bytes: Int, from start: Digest) -> (tree: TreeNode, freed: Int, end: Digest) {
        var sweep = Sweep(wanted: bytes, start: start, end: start)
        var tree = letGo(at: .root, &sweep)
        if sweep.freed < bytes {
            sweep.start = .zero
            tree = tree.letGo(at: .root, &sweep)
        }
        return (tree, sweep.freed, sweep.end)
    }

    private struct Sweep {
        let wanted: Int
        var freed = 0
        var start: Digest
        var end: Digest
    }

    private func letGo(at place: TreePath, _ sweep: inout Sweep) -> TreeNode {
        guard sweep.freed < sweep.wanted, place.last >= sweep.start else { return self }
        if isBucket {
            guard let bucket else { return self }
            sweep.freed += bucket.byteCount
            sweep.end = place.last
            return TreeNode(hash: hash, count: count)
        }
        let newLeft = left?.letGo(at: place.child(false), &sweep)
        let newRight = right?.letGo(at: place.child(true), &sweep)
        if newLeft === left, newRight === right { return self }
        return TreeNode(hash: hash, count: count, left: newLeft, right: newRight)
    }
}
