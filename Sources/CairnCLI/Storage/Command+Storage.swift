import CairnBase
import CairnRuntime
import CairnStorage
import CairnTransport
import CairnWire

extension Noun {
    static let storage = Noun(
        name: "storage", summary: "Put files with other nodes, and get them back",
        commands: [
            .storageList, .storagePut, .storageGet, .storageShare, .storageStatus, .storageRemove, .storageSealed,
            .storageSeal,
        ])
}

private let object = Argument(
    name: "OBJECT", summary: "The name of its file, or the start of its id", value: .text("OBJECT"))

extension Command {
    private static let shards = Flag.text(
        "shards", "K/N", "How many pieces are enough, of how many; 4/8 unless given")
    private static let holder = Flag.text(
        "holder", "ADDRESS", "A holder as a multiaddr with its id, instead of those that the node knows", repeats: true)
    private static let price = Flag.text(
        "price", "TOKENS", "Pay at most so much for each shard and epoch, and have the chain draw the holders")
    private static let epochs = Flag.integer(
        "epochs", "N", in: 1...1_000_000, "With --price: for how many epochs to pay in advance; 30 unless given")

    static let storageList = Command(
        path: ["storage", "ls"],
        summary: "List the objects that this home has put with holders",
        text: ["Nobody is asked: storage status asks the holders of one object."],
        examples: [
            Example("cairn storage ls", "Lists the objects of this user's home."),
            Example("cairn storage ls --home ./n1 --json", "Lists those of another, for a script."),
        ],
        exits: [.failed, .damaged],
        run: { session throws(Failure) in
            let objects = try ObjectShelf(NodeFinder(session).home()).all()
            var table = TextTable(["OBJECT", "FILE", "BYTES", "SHARDS"], right: [2])
            for object in objects {
                table.add([
                    session.showsFullIDs ? object.text : String(object.text.prefix(12)), quoted(object.name),
                    "\(object.byteCount)", "\(object.code.needed)/\(object.code.total)",
                ])
            }
            session.answer(
                [.init("objects", .array(objects.map(\.summary)))],
                objects.isEmpty ? "no objects\n" : table.text(session.style))
            return .ok
        })

    static let storagePut = Command(
        path: ["storage", "put"],
        summary: "Seal a file and put its pieces with holders",
        text: [
            "The file is sealed under a key that comes from the storage key of the home, cut into segments of 64 MiB, and each "
                + "of them coded into N pieces of which any K are enough. Every piece goes to another holder and is durable "
                + "there when it counts. What the object is made of stays in objects/ in the home: without that file and the "
                + "storage key nobody can read it, so keep copies of both.",
            "A put of a file that was stopped leaves a draft in objects/. The same command goes on with it: the file is read and sealed "
                + "again, and only segments that were not durable yet leave. If the file has changed, what was put of it is undone.",
            "With --price the account of the home orders each segment as a prepaid object, and its holders are drawn by the chain. They "
                + "watch one another: a changed piece is made anew from the others, and a holder that shows nothing for longer than the "
                + "grace is replaced.",
            "The price is paid for a shard and an epoch in which the shard was asked for, each on a test network and one of 24 on the "
                + "main one, and its round passed: seven drawn witnesses ask the holder for leaves, and five see the right ones in "
                + "time, or four where at most one sees otherwise. It is paid when the epoch is settled, at the end of the first "
                + "epoch that ends 60 blocks or more after it; a part is burned, the rest is the holder's. A round that failed or said "
                + "too little costs nothing, nor does a network with too few witnesses to draw. Each word of a holder on the chain "
                + "costs the least fee. What is left of the deposit comes back with storage rm.",
            "Without it, holders are those peers of the running node that keep pieces for others, in an order of chance, unless --holder "
                + "names some. They keep them for nothing, nobody checks them, and lost pieces are not made anew.",
        ],
        arguments: [
            Argument(
                name: "FILE", summary: "The file, which must not change meanwhile; - for standard input",
                value: .path("FILE"))
        ],
        flags: [
            shards.declaration, price.declaration, epochs.declaration, holder.declaration,
            PassphraseSource.file.declaration,
        ],
        examples: [
            Example(
                "cairn storage put holiday.tar --price 0.001",
                "Puts eight pieces, of which any four are enough, with holders that the chain draws."),
            Example(
                "tar c holiday | cairn storage put - --shards 2/4", "Puts what a program writes, with four holders."),
        ],
        exits: [.failed, .unreachable, .notFound, .refused, .locked, .timedOut, .damaged],
        run: { session throws(Failure) in
            let code = try code(session.invocation[shards] ?? "4/8")
            let orders = try orders(session)
            let known = if let orders { try orders.reachable() } else { try holders(session) }
            let client = try StorageClient(session, NodeFinder(session).home())
            defer { client.close() }
            let word = session.invocation.argument(0) ?? ""
            let source = word == "-" ? try ObjectSource.standardInput() : try ObjectSource(session.path(argument: 0))
            let name = word == "-" ? "stdin" : word.split(separator: "/").last.map { String($0) } ?? word
            let object = try client.put(source, as: name, code, with: known, by: orders)
            session.answer(
                [.init("object", object.summary)],
                "\(object.text)  \(object.byteCount) bytes  \(object.pieces.count) pieces with \(object.holders.count) holders\n"
            )
            return .ok
        })

    static let storageGet = Command(
        path: ["storage", "get"],
        summary: "Fetch an object from any holders that are enough",
        text: [
            "Every piece is compared with its name before it counts, and the file appears when all of it is there and opens; "
                + "nothing is ever overwritten. A holder that says nothing is left behind.",
            "A get that was stopped leaves a draft beside the file. The same command goes on with it: what is there is sealed again, "
                + "and segments that give the pieces of the object are not fetched twice.",
            "OBJECT may also be what storage share has printed, in another home, or a file that holds it.",
        ],
        arguments: [
            object, Argument(name: "FILE", summary: "Where to, a file that is not there yet", value: .path("FILE")),
        ],
        flags: [PassphraseSource.file.declaration],
        examples: [
            Example("cairn storage get holiday.tar ./again.tar", "Fetches the object of that file."),
            Example("cairn storage get 3f9a01c2 ./again.tar --json", "Fetches one by the start of its id."),
        ],
        exits: [.failed, .notFound, .locked, .conflict, .damaged],
        run: { session throws(Failure) in
            let path = session.path(argument: 1)
            let home = try NodeFinder(session).home()
            let shared = try shared(session)
            let known = shared == nil ? try ObjectShelf(home).find(session.invocation.argument(0) ?? "") : nil
            let client = try StorageClient(session, home)
            defer { client.close() }
            guard let capability = shared ?? known.map({ client.capability(of: $0) }) else { return .notFound }
            try client.get(capability, to: path)
            let object = capability.object
            session.answer(
                [.init("object", object.summary), .init("file", .string(path))],
                "\(path)  \(object.byteCount) bytes\n")
            return .ok
        })

    static let storageShare = Command(
        path: ["storage", "share"],
        summary: "Print what it takes to read one object, for somebody else",
        text: [
            "One word, which holds the object's key and the list of its pieces. Whoever has it reads this object with storage "
                + "get, in any home of this network that has a storage key; it can read nothing else, change nothing and "
                + "remove nothing. It cannot be taken back: who has had it may have the file."
        ],
        arguments: [object],
        flags: [PassphraseSource.file.declaration],
        examples: [
            Example("cairn storage share holiday.tar > holiday.read", "Writes the word to a file."),
            Example("cairn storage share 3f9a01c2 --json", "Prints it in a document, for a script."),
        ],
        exits: [.failed, .notFound, .locked, .damaged],
        run: { session throws(Failure) in
            let capability = try named(session) { object, client throws(Failure) in client.capability(of: object) }
            session.answer(
                [.init("object", .string(capability.object.text)), .init("capability", .string(capability.text))],
                capability.text + "\n")
            return .ok
        })

    static let storageStatus = Command(
        path: ["storage", "status"],
        summary: "Ask the holders of an object whether they have its pieces",
        text: [
            "Of an object that was put with --price the chain says which shards are live, under repair and lost. Of another the holders "
                + "are asked; a holder's word says whether the piece is there as far as it knows. Only storage get shows that it is. "
                + "The exit code is 1 when some segment has fewer pieces than are needed."
        ],
        arguments: [object],
        flags: [PassphraseSource.file.declaration],
        examples: [
            Example("cairn storage status holiday.tar", "Asks about the object of that file."),
            Example("cairn storage status 3f9a01c2 --json", "Asks about one by the start of its id, for a script."),
        ],
        exits: [.failed, .notFound, .locked, .damaged],
        run: { session throws(Failure) in
            if let report = try orderReport(session) {
                session.answer(report.fields, report.text(session.style))
                return report.live >= report.object.code.needed ? .ok : .failed
            }
            let report = try named(session) { object, client throws(Failure) in
                ObjectReport(object, try client.check(object))
            }
            session.answer(report.fields, report.text(session.style))
            return report.live >= report.object.code.needed ? .ok : .failed
        })

    static let storageRemove = Command(
        path: ["storage", "rm"],
        summary: "Have the holders let go of an object, and forget it",
        text: [
            "An object that was put with --price is closed on the chain, the rest of its deposit comes back, and its holders let go by "
                + "themselves. Of another, a holder that cannot be reached keeps its pieces; nobody can read them without the storage key."
        ],
        arguments: [object],
        flags: [PassphraseSource.file.declaration],
        examples: [
            Example("cairn storage rm holiday.tar", "Removes the object of that file."),
            Example("cairn storage rm 3f9a01c2 --json", "Removes one by the start of its id."),
        ],
        exits: [.failed, .notFound, .locked, .damaged],
        run: { session throws(Failure) in
            let (object, kept) = try named(session) { object, client throws(Failure) in
                let ids = object.segments.compactMap(\.order)
                guard !ids.isEmpty else { return (object, try client.remove(object).count { $0 != nil }) }
                let orders = try ObjectOrders(session, price: .zero, epochs: 0)
                for id in ids where try orders.state(of: id)?.closing == nil { try orders.close(id) }
                try client.shelf.remove(object)
                return (object, 0)
            }
            session.answer(
                [.init("object", object.summary), .init("kept", JSON(kept))],
                "\(object.text)  removed\(kept == 0 ? "" : "; \(kept) pieces are with holders that did not let go")\n")
            return .ok
        })

    /// What somebody shared: the word itself, or a file that begins with one. Nil when the argument is neither.
    private static func shared(_ session: Session) throws(Failure) -> ReadCapability? {
        var word = session.invocation.argument(0) ?? ""
        if !word.hasPrefix(ReadCapability.prefix) {
            let path = session.path(argument: 0)
            let start = try? SmallFile.read(path, limit: ReadCapability.textLimit)
            guard let start, start.starts(with: ReadCapability.prefix.utf8) else { return nil }
            word = String(decoding: start, as: UTF8.self)
        }
        do throws(DecodeError) {
            return try ReadCapability(text: String(word.prefix { !$0.isWhitespace }))
        } catch {
            throw Failure(.objectDamaged, "this is not what storage share has printed: \(error)")
        }
    }

    /// Does something with the object that is named, by a client that says goodbye afterwards.
    private static func named<Value>(
        _ session: Session, _ use: (StoredObject, borrowing StorageClient) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        let home = try NodeFinder(session).home()
        let object = try ObjectShelf(home).find(session.invocation.argument(0) ?? "")
        let client = try StorageClient(session, home)
        defer { client.close() }
        return try use(object, client)
    }

    private static func orders(_ session: Session) throws(Failure) -> ObjectOrders? {
        guard let price = session.invocation[price] else { return nil }
        guard session.invocation[all: holder].isEmpty else {
            throw Failure(.conflictingFlags, "with --price the chain draws the holders, and --holder names none")
        }
        return try ObjectOrders(
            session, price: try session.amount(price, "price"), epochs: session.invocation[epochs] ?? 30)
    }

    /// What the chain says of an object, if the chain has it held.
    private static func orderReport(_ session: Session) throws(Failure) -> OrderReport? {
        let object = try ObjectShelf(NodeFinder(session).home()).find(session.invocation.argument(0) ?? "")
        guard object.segments.contains(where: { $0.order != nil }) else { return nil }
        let client = try NodeFinder(session).find()
        var states: [ObjectState?] = []
        for segment in object.segments {
            states.append(try segment.order.flatMap { id throws(Failure) in try client.object(id) })
        }
        return OrderReport(object, states)
    }

    /// `4/8`: any four of eight.
    private static func code(_ text: String) throws(Failure) -> ErasureCode {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
        guard parts.count == 2, let needed = parts[0], let total = parts[1],
            let code = ErasureCode(needed: needed, total: total)
        else {
            throw Failure(
                .badValue, "--shards \(quoted(text)) is not K/N such as 4/8, with K below N and N at most 255")
        }
        return code
    }

    /// Those that are named, or those peers of the running node that keep pieces.
    private static func holders(_ session: Session) throws(Failure) -> [PeerAddress] {
        let named = session.invocation[all: holder]
        let texts =
            named.isEmpty
            ? try NodeFinder(session).find().peers().peers.filter {
                $0.protocols.contains(RequestKind.pieces.spoken.name)
            }.compactMap(\.multiaddr) : named
        var holders: [PeerAddress] = []
        for text in texts {
            guard let address = PeerAddress(multiaddr: text) else {
                throw Failure(.peerAddress, "\(quoted(text)) is not an IP address, a TCP port and a peer's id")
            }
            if !holders.contains(where: { $0.node == address.node }) { holders.append(address) }
        }
        return holders
    }
}
