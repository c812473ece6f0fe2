import CairnBase
import CairnRuntime
import CairnWire

extension Noun {
    static let radio = Noun(
        name: "radio", summary: "Show the radio gateway of a node", commands: [.radioStatus, .radioListen])
}

extension Command {
    static let radioStatus = Command(
        path: ["radio", "status"],
        summary: "Show which gateway speaks to a node, and what it heard",
        text: [
            "The node is the server of the packet-forwarder protocol at radio.listen and answers the gateway named by "
                + "radio.gateway alone. What it drops is counted by why."
        ],
        flags: [Flag.watch.declaration],
        examples: [
            Example("cairn radio status", "Shows the gateway of the node of this user."),
            Example("cairn --node n1 radio status --json", "Shows that of node n1, for a script."),
        ],
        exits: [.failed, .unreachable, .notFound, .timedOut, .interrupted],
        run: { session throws(Failure) in
            let client = try NodeFinder(session).find()
            return try session.watch(every: session.invocation[.watch]) { () throws(Failure) in
                let document = try client.radio()
                session.answer(
                    (document.object ?? []).filter { $0.key != "schema" }, RadioReport(document).text(session.style))
                return .ok
            }
        })

    static let radioSimulation = Command(
        path: ["radio-sim"],
        summary: "Run simulated radio gateways in a simulated air",
        text: [
            "Each [[gateway]] of the file stands somewhere, has a socket of its own and speaks the packet-forwarder protocol "
                + "to one node, as a real one would. Who hears whom follows from distance, the seed, and what else is on the "
                + "air. It runs until Ctrl-C or SIGTERM; on SIGHUP it reads the file again and takes over where the gateways "
                + "stand and how they behave.",
            "cairn testnet up --town writes such a file and starts this; Testnet/places has towns.",
        ],
        arguments: [Argument(name: "FILE", summary: "Which gateways, where, for which nodes", value: .text("FILE"))],
        examples: [
            Example("cairn radio-sim radio.toml", "Runs the gateways of a file."),
            Example("cairn radio-sim radio.toml --json", "Runs them and says so in a document, for a script."),
        ],
        exits: [.failed, .notFound, .damaged],
        run: { session throws(Failure) in
            let path = joinPath(session.surroundings.workingDirectory, session.invocation.argument(0) ?? "")
            let plan = try RadioPlan(file: path, text: TextFile.read(path))
            do throws(SystemError) {
                let simulation = try RadioSimulation(plan, file: path)
                session.answer(
                    [.init("gateways", JSON(UInt64(plan.gateways.count)))],
                    "cairn radio-sim  \(plan.gateways.count) gateways  seed \(plan.seed)\n")
                try simulation.run()
            } catch {
                throw Failure(.systemRefused, "the simulated radios cannot run: \(error)")
            }
            return .ok
        })
}

/// What `/v1/radio` says, for people.
struct RadioReport {
    let document: JSON

    init(_ document: JSON) { self.document = document }

    func text(_ style: Style) -> String {
        var table = TextTable(
            ["GATEWAY", "FROM", "LAST", "BEACONS", "OTHER", "SENT", "IGNORED", "RSSI", "SNR"], right: [3, 4, 5])
        for gateway in document["gateways"]?.array ?? [] {
            let last = gateway["last_heard_ms"]?.integer(UInt64.self).map { TimeSpan.milliseconds($0).rough + " ago" }
            let refused = (gateway["refused"]?.object ?? []).map { "\($0.key) \($0.value.integer(UInt64.self) ?? 0)" }
            table.add([
                gateway["eui"]?.string ?? "-", gateway["downlink"]?.string ?? "-", last ?? "never",
                count(gateway["beacons"]), count(gateway["uplinks"]), count(gateway["transmissions"]),
                refused.isEmpty ? "-" : refused.joined(separator: ", "),
                tenths(gateway["last"]?["rssi_tenths_dbm"], "dBm"), tenths(gateway["last"]?["snr_tenths_db"], "dB"),
            ])
        }
        let dropped = (document["dropped"]?.object ?? []).filter { ($0.value.integer(UInt64.self) ?? 0) > 0 }
            .map { "\($0.key.replacingUnderscores) \(count($0.value))" }
        let said = (document["said"]?.object ?? []).map { "\($0.key) \(count($0.value))" }
        return "listens  \(document["listen"]?.string ?? "-")\n" + table.text(style)
            + "said     \(said.joined(separator: " · "))\n"
            + (dropped.isEmpty ? "" : "dropped  \(dropped.joined(separator: " · "))\n")
    }

    private func count(_ value: JSON?) -> String { "\(value?.integer(UInt64.self) ?? 0)" }

    private func tenths(_ value: JSON?, _ unit: String) -> String {
        guard let tenths = value?.integer(Int64.self) else { return "-" }
        return "\(tenths < 0 ? "-" : "")\(tenths.magnitude / 10).\(tenths.magnitude % 10) \(unit)"
    }
}

extension String {
    fileprivate var replacingUnderscores: String { split(separator: "_").joined(separator: " ") }
}
