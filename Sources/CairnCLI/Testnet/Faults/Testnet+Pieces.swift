import CairnBase
import Glibc

/// The pieces that nodes of a testnet keep, as files on their disks.
extension Testnet {
    /// The files, in the order of their names.
    func pieces(of node: TestnetManifest.Node) -> [String] {
        let folder = piecesFolder(of: node)
        return Directory.names(folder).flatMap { part in
            Directory.names(joinPath(folder, part)).map { joinPath(joinPath(folder, part), $0) }
        }
    }

    private func piecesFolder(of node: TestnetManifest.Node) -> String {
        joinPath(home(of: node).storeDirectory, "pieces")
    }

    /// Takes all pieces away, and leaves a file where they were, so that nothing can be put back: as a disk that came
    /// loose. Returns how many there were.
    func strip(_ node: TestnetManifest.Node) throws(Failure) -> Int {
        let (folder, count) = (piecesFolder(of: node), pieces(of: node).count)
        guard count > 0 else { return 0 }
        guard rename(folder, folder + Self.away) == 0 else { throw .cannot(.cannotWrite, "move", folder) }
        try TextFile.create(folder, "")
        return count
    }

    /// Puts back what was taken away; whether there was anything.
    func restore(_ node: TestnetManifest.Node) throws(Failure) -> Bool {
        let folder = piecesFolder(of: node)
        guard Directory.exists(folder + Self.away) else { return false }
        guard unlink(folder) == 0, rename(folder + Self.away, folder) == 0 else {
            throw .cannot(.cannotWrite, "move back", folder)
        }
        return true
    }

    private static var away: String { ".away" }

    /// Turns one bit in the middle of every piece; returns how many there are.
    func rot(_ node: TestnetManifest.Node) throws(Failure) -> Int {
        let files = pieces(of: node)
        for file in files { try TextFile.turnBit(inTheMiddleOf: file) }
        return files.count
    }
}
