public import CairnBase

/// Moves the state tree from one block to the next, reading and writing only the pages the changes lie on.
///
/// Changes arrive together and are walked in the order of their key hashes, so a page shared by many is read, hashed
/// and written once per block.
public struct StateTree<Hash: HashFunction>: Sendable {
    let hash: TreeHash<Hash>

    public init(_ hash: Hash) {
        self.hash = TreeHash(hash)
    }

    public func apply(
        _ changes: [StateChange], to state: some StateReader
    ) throws(StateError) -> (root: Digest, pages: [PageChange]) {
        var updates = changes.map { change in
            Update(key: hash.key(change.key), value: change.value.map(hash.value))
        }
        updates.sort { $0.key < $1.key }
        var pages: [PageChange] = []
        let root = try update(updates[...], at: .root, in: state, &pages)
        return (root?.hash ?? .zero, pages)
    }

    /// The root of the tree as stored.
    public func root(of state: some StateReader) throws(StateError) -> Digest {
        switch try state.page(at: .root) {
        case nil: .zero
        case .leaves(let leaves): hash.fold(leaves[...], bit: 0)
        case .branch(let children): hash.fold(children[...])
        }
    }

    private struct Update {
        let key: Digest
        let value: Digest?
    }

    private func update(
        _ updates: ArraySlice<Update>, at path: TreePath, in state: some StateReader, _ pages: inout [PageChange]
    ) throws(StateError) -> TreePage.Child? {
        switch try state.page(at: path) {
        case nil: return write(merge([], updates)[...], at: path, existed: false, &pages)
        case .leaves(let leaves): return write(merge(leaves, updates)[...], at: path, existed: true, &pages)
        case .branch(let children): return try update(updates, branch: children, at: path, in: state, &pages)
        }
    }

    private func update(
        _ updates: ArraySlice<Update>, branch: [TreePage.Child?], at path: TreePath, in state: some StateReader,
        _ pages: inout [PageChange]
    ) throws(StateError) -> TreePage.Child? {
        let mark = pages.count
        var children = branch
        var rest = updates
        while let first = rest.first {
            let slot = first.key.raw.nibble(path.depth)
            let end = rest.firstIndex { $0.key.raw.nibble(path.depth) != slot } ?? rest.endIndex
            children[slot] = try update(rest[..<end], at: path.child(slot), in: state, &pages)
            rest = rest[end...]
        }
        let count = children.reduce(0) { $0 + ($1?.count ?? 0) }
        if count <= UInt64(TreePage.leavesMax) {
            return try collapse(children, at: path, in: state, &pages, since: mark)
        }
        pages.append(PageChange(path: path, page: .branch(children)))
        return TreePage.Child(count: count, hash: hash.fold(children[...]))
    }

    /// Turns a branch that has become small back into a page of leaves.
    private func collapse(
        _ children: [TreePage.Child?], at path: TreePath, in state: some StateReader, _ pages: inout [PageChange],
        since mark: Int
    ) throws(StateError) -> TreePage.Child? {
        var leaves: [TreeLeaf] = []
        for slot in children.indices where children[slot] != nil {
            let child = path.child(slot)
            let page: TreePage?
            if let written = pages[mark...].lastIndex(where: { $0.path == child }) {
                page = pages[written].page
                pages.remove(at: written)
            } else {
                page = try state.page(at: child)
            }
            guard case .leaves(let below) = page else { throw .damagedPage(child) }
            leaves += below
            pages.append(PageChange(path: child, page: nil))
        }
        return write(leaves[...], at: path, existed: true, &pages)
    }

    /// Lays leaves down below a path where no branch stands, splitting them into pages where they are many.
    private func write(
        _ leaves: ArraySlice<TreeLeaf>, at path: TreePath, existed: Bool, _ pages: inout [PageChange]
    ) -> TreePage.Child? {
        guard !leaves.isEmpty else {
            if existed { pages.append(PageChange(path: path, page: nil)) }
            return nil
        }
        let count = UInt64(leaves.count)
        guard leaves.count > TreePage.leavesMax, path.depth < TreePath.depthMax else {
            pages.append(PageChange(path: path, page: .leaves(Array(leaves))))
            return TreePage.Child(count: count, hash: hash.fold(leaves, bit: 4 * path.depth))
        }
        var children = [TreePage.Child?](repeating: nil, count: TreePage.fanOut)
        var rest = leaves
        while let first = rest.first {
            let slot = first.key.raw.nibble(path.depth)
            let end = rest.firstIndex { $0.key.raw.nibble(path.depth) != slot } ?? rest.endIndex
            children[slot] = write(rest[..<end], at: path.child(slot), existed: false, &pages)
            rest = rest[end...]
        }
        pages.append(PageChange(path: path, page: .branch(children)))
        return TreePage.Child(count: count, hash: hash.fold(children[...]))
    }

    /// Both inputs are in key order; an update replaces, adds or removes the leaf of its key.
    private func merge(_ leaves: [TreeLeaf], _ updates: ArraySlice<Update>) -> [TreeLeaf] {
        var result: [TreeLeaf] = []
        result.reserveCapacity(leaves.count + updates.count)
        var old = leaves[...]
        for update in updates {
            while let leaf = old.first, leaf.key < update.key {
                result.append(leaf)
                old = old.dropFirst()
            }
            if old.first?.key == update.key { old = old.dropFirst() }
            if let value = update.value { result.append(TreeLeaf(key: update.key, value: value)) }
        }
        return result + old
    }
}
