import CairnBase
import CairnLedger
import CairnWire

extension Command {
    private static let partition = Argument(
        name: "PARTITION", summary: "Its number, as storage sealed shows it",
        value: .integer("PARTITION", 0...UInt64(UInt32.max)))

    static let storageSealed = Command(
        path: ["storage", "sealed"],
        summary: "Show the sealed partitions of this home's node",
        text: [
            "A node with a setting storage.sealed seals the partitions of its resource of storage.sealed, one unit of 1 MiB after "
                + "the other, and goes on where it was stopped. A partition is asked for in rounds once storage seal has told the "
                + "chain what lies in it."
        ],
        examples: [
            Example("cairn storage sealed", "Shows how much is sealed."),
            Example("cairn storage sealed --home ./n1 --json", "For a script."),
        ],
        exits: [.failed, .unreachable, .notFound],
        run: { session throws(Failure) in
            let report = try session.sealed(on: NodeFinder(session).find())
            var table = TextTable(["PARTITION", "MIB", "SEALED", "ROOT"], right: [0, 1, 2])
            for one in report.partitions {
                table.add([
                    "\(one.number)", "\(one.units)", "\(one.sealed)",
                    one.roots.map { session.showsFullIDs ? "\($0.packed)" : $0.packed.short } ?? "",
                ])
            }
            session.answer(
                [
                    .init("resource", report.resource.map { .string("\($0)") } ?? .null),
                    .init("isDiskFull", .bool(report.isDiskFull)),
                    .init("partitions", .array(report.partitions.map(\.document))),
                ],
                report.resource == nil
                    ? "the chain knows no sealed resource of this node: cairn resource register storage.sealed\n"
                    : table.text(session.style) + (report.isDiskFull ? "the disk is full: sealing waits\n" : ""))
            return .ok
        })

    static let storageSeal = Command(
        path: ["storage", "seal"],
        summary: "Tell the chain what lies in a sealed partition",
        text: [
            "From the next round on witnesses ask for walks over it and look whether it is sealed, and what passes is paid. "
                + "It is signed here by the home's account and handed to a running node; --wait says what came of it."
        ],
        arguments: [partition], flags: ActionFlags.all,
        examples: [
            Example("cairn storage seal 0 --wait", "Claims the first partition."),
            Example("cairn storage seal 1 --json", "For a script."),
        ],
        exits: ActionFlags.exits,
        run: { session throws(Failure) in
            let client = try NodeFinder(session).find()
            let report = try session.sealed(on: client)
            let number = UInt32(session.invocation.argument(0) ?? "")
            guard let one = report.partitions.first(where: { $0.number == number }) else {
                throw Failure(
                    .badValue, "the node seals no partition of that number",
                    do: Hint("cairn storage sealed", "shows those that it seals"))
            }
            guard let action = report.claim(one, on: try client.report().node) else {
                throw Failure(
                    .badValue, "\(one.sealed) of \(one.units) units are sealed",
                    do: Hint("cairn storage sealed", "shows how far it is"))
            }
            return try session.carryOut { _, _ throws(Failure) in action }
        })
}

extension Session {
    fileprivate func sealed(on client: NodeClient) throws(Failure) -> SealedReport {
        guard let report = try client.sealed() else {
            throw Failure(
                .badValue, "this node seals nothing",
                do: Hint("storage.sealed = \"64GiB\"", "in its configuration lets it"))
        }
        return report
    }
}

extension SealedReport.Partition {
    fileprivate var document: JSON {
        [
            "partition": JSON(UInt64(number)), "units": JSON(units), "sealed": JSON(sealed),
            "packed": roots.map { .string("\($0.packed)") } ?? .null,
            "manifest": roots.map { .string("\($0.manifest)") } ?? .null,
        ]
    }
}
