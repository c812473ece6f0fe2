import CairnBase
import CairnCrypto
import CairnLedger
import CairnRuntime
import CairnStore
import CairnWire

extension Noun {
    static let snapshot = Noun(
        name: "snapshot", summary: "Carry the newest state of a chain to another node",
        commands: [.snapshotShow, .snapshotExport, .snapshotImport])
}

extension Command {
    private static let root = Flag.text("root", "HEX", "The state root that must be in it, from a source you trust")
    private static let file = Argument(name: "FILE", summary: "The snapshot's file", value: .path("FILE"))

    static let snapshotShow = Command(
        path: ["snapshot", "show"],
        summary: "Show what a snapshot says it is",
        text: ["Reads the header and the list of chunks. Whether the state in it has that root only an import tells."],
        arguments: [file],
        examples: [
            Example("cairn snapshot show state.snapshot", "Shows its height and root."),
            Example("cairn snapshot show state.snapshot --json", "Shows them to a script."),
        ],
        exits: [.failed, .damaged],
        run: { session throws(Failure) in
            let path = session.path(argument: 0)
            let header = try storing { () throws(StoreError) in try SnapshotHeader.read(path) }
            session.answer(header.fields, header.text)
            return .ok
        })

    static let snapshotExport = Command(
        path: ["snapshot", "export"],
        summary: "Write the newest state of a chain into a file",
        text: [
            "The file holds every entry of the state and the blocks of the last two epochs, in chunks with a hash each. "
                + "The same state gives the same file on every node.",
            "Works beside a running node: what is written is the state after one block.",
        ],
        arguments: [file],
        examples: [
            Example("cairn snapshot export state.snapshot", "Writes the state of this user's node."),
            Example("cairn snapshot export state.snapshot --home ./n1", "Writes that of another home."),
        ],
        exits: [.failed, .notFound, .conflict, .damaged],
        run: { session throws(Failure) in
            let home = try ChainHome(NodeFinder(session).home())
            try home.requireChain()
            let path = session.path(argument: 0)
            try session.requireFree(path)
            var progress = Tenths(session, "exporting")
            let header = try storing { () throws(StoreError) in
                try ChainReader(directory: home.path).exportSnapshot(to: path) { progress.reach($0, of: $1) }
            }
            session.answer([.init("file", .string(path))] + header.fields, header.text)
            return .ok
        })

    static let snapshotImport = Command(
        path: ["snapshot", "import"],
        summary: "Begin the chain of a home from a snapshot",
        text: [
            "Takes the file only if its entries have the state root given by --root, which must come from somebody you trust: "
                + "another node's cairn status, or a certificate. Until that is shown nothing is put into the home.",
            "The home has a genesis.json of the same chain and no chain.db.",
        ],
        arguments: [file],
        flags: [root.declaration],
        examples: [
            Example(
                "cairn snapshot import state.snapshot --root 5cc5c6f9e2373f16de266ca264f5ab918e8a9885b063802f745cfc2461600e19",
                "Begins from a state whose root is known."),
            Example(
                "cairn snapshot import state.snapshot --home ./n1 --root 5cc5c6f9e2373f16de266ca264f5ab918e8a9885b063802f745cfc2461600e19",
                "Begins the chain of another home."),
        ],
        exits: [.failed, .notFound, .refused, .conflict, .damaged],
        run: { session throws(Failure) in
            guard let text = session.invocation[root] else {
                throw Failure(
                    .missingArgument, "--root says which state is trusted",
                    do: Hint("cairn snapshot show FILE", "shows the root to compare with another node's"))
            }
            guard let root = bytes(hex: text).flatMap(Digest.init) else {
                throw Failure(.badValue, "--root \(text) is not 64 hexadecimal digits")
            }
            let home = try ChainHome(Home.chosen(session))
            let path = session.path(argument: 0)
            let beginning = try home.beginning()
            var progress = Tenths(session, "importing")
            let head = try storing { () throws(StoreError) in
                try SnapshotImport(into: home.path, beginning).run(path, root: root) {
                    progress.reach(UInt64($0), of: UInt64($1))
                }
            }
            session.answer(
                [
                    .init("home", .string(home.path)), .init("height", JSON(head.height.number)),
                    .init("block", .string(head.digest.description)),
                    .init("state_root", .string(head.root.description)),
                ], "the chain begins here at height \(head.height), state root \(head.root)\n")
            return .ok
        })
}

extension SnapshotHeader {
    fileprivate var fields: [JSON.Member] {
        [
            .init("chain", .string(chain.description)), .init("height", JSON(height.number)),
            .init("block", .string(block.description)), .init("state_root", .string(root.description)),
            .init("entries", JSON(entryCount)), .init("chunks", JSON(chunkCount)),
        ]
    }

    fileprivate var text: String {
        "height \(height)  state root \(root)  \(entryCount) entries in \(chunkCount) chunks  chain \(chain)\n"
    }
}

/// Notes every tenth of something long.
private struct Tenths {
    private let session: Session
    private let name: String
    private var shown: UInt64 = 0

    init(_ session: Session, _ name: String) {
        self.session = session
        self.name = name
    }

    mutating func reach(_ done: UInt64, of all: UInt64) {
        guard all > 0 else { return }
        let tenths = (done / max(1, all / 10))
        guard tenths > shown else { return }
        shown = tenths
        session.note("\(name): \(done) of \(all)")
    }
}
