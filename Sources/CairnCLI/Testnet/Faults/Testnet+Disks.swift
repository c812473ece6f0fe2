import CairnStore

/// Disks of a testnet's nodes that hold no more: a node that is there to be tested measures its room by what this says too.
extension Testnet {
    /// From now on the home may hold what it holds now, and nothing more.
    func fillDisk(of node: TestnetManifest.Node) throws(Failure) {
        let home = home(of: node)
        try TextFile.replace(home.diskLimitFile, "\(DiskSpace.used(below: home.path))\n")
    }

    func isDiskFull(_ node: TestnetManifest.Node) -> Bool { fileExists(home(of: node).diskLimitFile) }

    func makeRoom(for node: TestnetManifest.Node) throws(Failure) {
        try removeFile(home(of: node).diskLimitFile)
    }
}
