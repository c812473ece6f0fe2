import CairnBase
import CairnCrypto
import CairnLedger
import CairnStore
import CairnWire

extension Command {
    static let backup = Command(
        path: ["backup"],
        summary: "Copy the chain of a home into a new directory",
        text: [
            "Works beside a running node. The directory gets chain.db and manifest.json with the height, the state root and "
                + "the hash of the file; the copy is opened and its state compared with its newest block before the "
                + "manifest is written.",
            "Keys and the sign log are no part of it: an old copy of what a vote key has promised is worse than none.",
        ],
        arguments: [Argument(name: "DIR", summary: "A directory that is not there yet", value: .path("DIR"))],
        examples: [
            Example("cairn backup ./monday", "Copies the chain of this user's node."),
            Example("cairn backup ./monday --home ./n1 --json", "Copies another and prints the manifest."),
        ],
        exits: [.failed, .notFound, .conflict, .damaged],
        run: { session throws(Failure) in
            let home = try ChainHome(NodeFinder(session).home())
            try home.requireChain()
            let target = session.path(argument: 0)
            try session.requireFree(target)
            session.note("copying \(home.database)")
            let backup = try storing { () throws(StoreError) in try Backup.make(of: home.path, into: target) }
            session.answer(
                [.init("directory", .string(target))] + backup.fields,
                "\(target)  height \(backup.height)  state root \(backup.root)  \(backup.bytes) bytes\n")
            return .ok
        })

    static let restore = Command(
        path: ["restore"],
        summary: "Put a backup into a home that has no chain",
        text: [
            "The file is compared with its manifest and opened before it gets its place, so a damaged backup leaves the home "
                + "as it was. The home's genesis.json must be of the same chain, and its chain.db must have been moved away.",
            "The sign log of the home stays as it is; the node fetches what the chain has done since from others.",
        ],
        arguments: [Argument(name: "DIR", summary: "The directory of the backup", value: .path("DIR"))],
        examples: [
            Example("cairn restore ./monday", "Restores into the home of this user."),
            Example("cairn restore ./monday --home ./n1", "Restores into another home."),
        ],
        exits: [.failed, .notFound, .conflict, .damaged],
        run: { session throws(Failure) in
            let home = try ChainHome(Home.chosen(session))
            let source = session.path(argument: 0)
            let found = try storing { () throws(StoreError) in try Backup.check(source) }
            let (genesis, chain) = try home.genesis()
            guard found.chain == chain else {
                throw Failure(
                    .copyRefused, "\(source) is of chain \(found.chain), the home is of \(chain) (\(genesis.network))")
            }
            let backup = try storing { () throws(StoreError) in try Backup.restore(source, into: home.path) }
            session.answer(
                [.init("home", .string(home.path))] + backup.fields,
                "restored height \(backup.height), state root \(backup.root)\n")
            return .ok
        })
}
