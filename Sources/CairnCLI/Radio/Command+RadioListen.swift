import CairnBase
import CairnRuntime
import CairnWire

extension Command {
    private static let last = Flag.integer(
        "last", "N", in: 0...256, "How many packets that came before to begin with; 10 unless told")
    private static let count = Flag.integer("count", "N", in: 1...1_000_000, "End after so many packets")

    static let radioListen = Command(
        path: ["radio", "listen"],
        summary: "Show the packets of a gateway as they come",
        text: [
            "A line for each: when, which gateway, strength and signal to noise, and whether it was a beacon that is taken up "
                + "or why not. Nothing that is shown is evidence: it is what the packet forwarder reports.",
            "The node keeps its newest 256 packets. It runs until Ctrl-C, or for --count packets.",
        ],
        flags: [last.declaration, count.declaration],
        examples: [
            Example("cairn radio listen", "Shows what the gateway of the node of this user hears."),
            Example(
                "cairn --node n1 radio listen --count 5 --json", "Prints documents for the next packets of node n1."),
        ],
        exits: [.failed, .unreachable, .notFound, .timedOut, .interrupted],
        run: { session throws(Failure) in
            let client = try NodeFinder(session).find()
            var (from, limit) = (UInt64(0), session.invocation[last] ?? 10)
            var left = session.invocation[count]
            while true {
                let document = try client.radioPackets(from: from, limit: limit)
                guard let next = document["next"]?.integer(UInt64.self), let packets = document["packets"]?.array else {
                    throw client.strange("/v1/radio/packets lacks a field")
                }
                // A node that started anew counts from zero again.
                guard next >= from else {
                    (from, limit) = (0, 256)
                    continue
                }
                for packet in packets.prefix(left.map { Int($0) } ?? packets.count) {
                    session.answer(packet.object ?? [], PacketLine(packet).text)
                }
                left = left.map { $0 - UInt64(packets.count.clamped(to: $0)) }
                if left == 0 { return .ok }
                (from, limit) = (next, 256)
                pause(.milliseconds(200))
            }
        })
}

/// One packet, for people.
struct PacketLine {
    let packet: JSON

    init(_ packet: JSON) { self.packet = packet }

    var text: String {
        let fields = [
            packet["time"]?.string ?? "-", packet["gateway"]?.string ?? "-", tenths("rssi_tenths_dbm", "dBm"),
            tenths("snr_tenths_db", "dB"), packet["sf"]?.integer(UInt64.self).map { "SF\($0)" } ?? "-",
            packet["frequency_hz"]?.integer(UInt64.self).map { "\($0 / 1_000_000).\($0 / 100_000 % 10) MHz" } ?? "-",
        ]
        let what = packet["ours"] == .bool(true) ? "beacon" : "other"
        let fate = packet["why"]?.string.map { "ignored: \($0)" } ?? "taken up"
        return fields.joined(separator: "  ") + "  \(what)  \(fate)\n"
    }

    private func tenths(_ name: String, _ unit: String) -> String {
        guard let tenths = packet[name]?.integer(Int64.self) else { return "-" }
        return "\(tenths < 0 ? "-" : "")\(tenths.magnitude / 10).\(tenths.magnitude % 10) \(unit)"
    }
}

extension Int {
    fileprivate func clamped(to most: UInt64) -> Int { Swift.min(self, Int(clamping: most)) }
}
