import CairnBase
import Glibc

/// The directory in which one node lives: configuration, keys, data, and what it needs while it runs.
///
/// One home is one node on one network. Nothing here is ever overwritten by making it again.
struct Home: Sendable, Equatable {
    let path: String

    var configFile: String { joinPath(path, Config.fileName) }
    var genesisFile: String { joinPath(path, "genesis.json") }
    /// What the node keeps for others.
    var storeDirectory: String { joinPath(path, "store") }
    var sealedDirectory: String { joinPath(path, "sealed") }
    /// Where a testnet says how much this home may hold.
    var diskLimitFile: String { joinPath(path, "disk-limit") }
    var controlSocket: String { joinPath(path, "run/api.sock") }

    /// Where a key lies: `node.key`, `validator.key`, or under a name of its owner's choice.
    func keyFile(_ name: String) -> String { joinPath(path, name + Self.keySuffix) }

    var keyNames: [String] {
        Directory.names(path).filter { $0.hasSuffix(Self.keySuffix) }.map { String($0.dropLast(Self.keySuffix.count)) }
            .filter(isLabel)
    }

    private static let keySuffix = ".key"

    /// The home a command means: `--home`, `$CAIRN_HOME`, the nearest `.cairn` upwards, or the one of this user.
    static func chosen(_ session: Session) throws(Failure) -> Home {
        if let named = named(session) { return named }
        guard let user = session.surroundings.environment["HOME"], user.hasPrefix("/") else {
            throw Failure(
                .noHome, "no home is given, and $HOME does not say where this user's is",
                do: Hint("--home DIR", "says which home is meant"))
        }
        return Home(path: joinPath(user, ".local/share/cairn"))
    }

    /// The home that a command line, the environment or the working directory names; nil when none does.
    static func named(_ session: Session) -> Home? {
        let surroundings = session.surroundings
        let given = session.invocation[GlobalFlags.home] ?? surroundings.environment["CAIRN_HOME"] ?? ""
        if !given.isEmpty { return Home(path: joinPath(surroundings.workingDirectory, given)) }
        return nearest(upwardsFrom: surroundings.workingDirectory)
    }

    /// As a project's own directory, so that commands inside it mean its node.
    private static func nearest(upwardsFrom directory: String) -> Home? {
        var here = directory
        // A path has at most as many parents as slashes; this many levels are nobody's.
        for _ in 0..<64 {
            let candidate = joinPath(here, ".cairn")
            if Directory.exists(candidate) { return Home(path: candidate) }
            let above = parent(of: here)
            if above == here || above == "." { return nil }
            here = above
        }
        return nil
    }
}
