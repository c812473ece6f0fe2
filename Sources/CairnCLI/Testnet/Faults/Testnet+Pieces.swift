import CairnBase

/// The pieces that nodes of a testnet keep, as files on their disks.
extension Testnet {
    /// The files, in the order of their names.
    func pieces(of node: TestnetManifest.Node) -> [String] {
        let folder = joinPath(home(of: node).storeDirectory, "pieces")
        return Directory.names(folder).flatMap { part in
            Directory.names(joinPath(folder, part)).map { joinPath(joinPath(folder, part), $0) }
        }
    }

    /// Turns one bit in the middle of every piece; returns how many there are.
    func rot(_ node: TestnetManifest.Node) throws(Failure) -> Int {
        let files = pieces(of: node)
        for file in files { try TextFile.turnBit(inTheMiddleOf: file) }
        return files.count
    }
}
