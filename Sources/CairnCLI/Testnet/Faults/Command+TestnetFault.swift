import CairnWire

extension Command {
    static let testnetFault = Command(
        path: ["testnet", "fault"],
        summary: "Put a fault into a testnet",
        text: [
            "kill NODE… ends nodes without warning, pause NODE… halts them as they are, restart NODE… stops and starts "
                + "them. Nodes may be parted by commas.",
            "partition n0,n1/n2,n3 lets nothing pass between the groups. delay [NODE…] 200ms lets everything that the nodes "
                + "send leave later, loss [NODE…] 10% loses datagrams and sends parts of streams late, skew [NODE…] +3s puts "
                + "the calendar wrong; without a node all are meant. An amount that begins with - stands behind --.",
            "rot NODE… turns one bit of every piece that the nodes keep for others, strip NODE… takes the pieces away. holders:2 in place of names are the last two "
                + "nodes that keep pieces.",
            "fill-disk NODE… lets the homes of the nodes hold nothing more. lie NODE… HOW makes their gateways other than their "
                + "owners say: \(GatewayLie.allCases.map(\.rawValue).joined(separator: ", ")). equivocate NODE… lets validators vote "
                + "twice in each view, until others catch them.",
            "Faults of network, disk and votes are applied inside the nodes, which take them because a testnet's configuration says "
                + "test.faults. All but a full disk are gone when the node is started again. `cairn testnet status` shows what is in force, "
                + "`cairn testnet heal` undoes all of it.",
        ],
        arguments: [
            Argument(name: "KIND", summary: "What happens", value: .choice(TestnetFault.kinds)),
            Argument(name: "WHAT", summary: "To whom, and how much", value: .text("WHAT"), repeats: true),
        ],
        flags: TestnetFlags.place,
        examples: [
            Example("cairn testnet fault kill n3", "Kills one node; the others go on."),
            Example("cairn testnet fault partition n0,n1/n2,n3", "Cuts the network in two."),
        ],
        exits: [.failed, .notFound, .conflict, .damaged],
        run: { session throws(Failure) in
            let testnet = try Testnet(session)
            let words = session.invocation.arguments
            let fault = try TestnetFault(words.first ?? "", Array(words.dropFirst()), in: testnet)
            return try session.change(testnet) { start throws(Failure) in try start.apply(fault) }
        })

    static let testnetHeal = Command(
        path: ["testnet", "heal"],
        summary: "Undo all faults of a testnet",
        text: [
            "Halted nodes go on, nodes that are down are started, and the network is whole again. Nodes may need a while to catch up; "
                + "`cairn testnet up` waits for that."
        ],
        flags: TestnetFlags.place,
        examples: [
            Example("cairn testnet heal", "Brings all nodes back."),
            Example("cairn testnet heal --name big", "Does so in another testnet."),
        ],
        exits: [.failed, .notFound, .conflict, .damaged],
        run: { session throws(Failure) in
            try session.change(try Testnet(session)) { start throws(Failure) in try start.heal() }
        })
}

extension Session {
    /// Changes a testnet while no other command does, and says what was done.
    fileprivate func change(
        _ testnet: Testnet, _ body: (TestnetStart) throws(Failure) -> String
    ) throws(Failure) -> ExitCode {
        let lock = try testnet.directory.lock()
        let done = try body(TestnetStart(testnet: testnet, session: self, program: surroundings.program))
        _ = consume lock
        answer([.init("name", .string(testnet.manifest.name)), .init("done", .string(done))], done + "\n")
        return .ok
    }
}
