import CairnBase
import CairnRuntime
import CairnWire

/// Faults in the words that people use for them.
extension NodeFaults {
    /// `cut off from n2 n3 · delay 200ms`; empty when there are none.
    func words(_ nodes: [TestnetManifest.Node]) -> String {
        let names = cut.map { address in nodes.first { $0.listen.address == address }?.name ?? "\(address)" }
        return [
            cut.isEmpty ? nil : "cut off from \(names.joined(separator: " "))",
            delay == .zero ? nil : "delay \(delay.plain)",
            lossPPM == 0 ? nil : "loss \(Self.percent(lossPPM))",
            skew == 0 ? nil : "clock \(Self.signed(skew))",
            equivocates ? "votes twice" : nil,
        ].compactMap(\.self).joined(separator: " · ")
    }

    static func percent(_ ppm: UInt64) -> String {
        let fraction = ppm % 10_000
        guard fraction > 0 else { return "\(ppm / 10_000)%" }
        var digits = String(10_000 + fraction).dropFirst()
        while digits.last == "0" { digits = digits.dropLast() }
        return "\(ppm / 10_000).\(digits)%"
    }

    static func signed(_ milliseconds: Int64) -> String {
        (milliseconds < 0 ? "-" : "+") + TimeSpan.milliseconds(milliseconds.magnitude).plain
    }
}

extension NodeClient {
    /// The faults in force at a node; nil when it was not started to be tested.
    func faults() throws(Failure) -> NodeFaults? {
        let answer = try exchange(.get, "/v1/faults")
        guard answer.status != 404 else { return nil }
        guard answer.status == 200, let faults = NodeFaults(try document(answer)) else {
            throw strange("/v1/faults answered \(answer.status)")
        }
        return faults
    }

    func set(_ faults: NodeFaults) throws(Failure) {
        let answer = try exchange(.post, "/v1/faults", body: Array(faults.json.text.utf8))
        guard answer.status == 200 else { throw strange("/v1/faults answered \(answer.status)") }
    }
}
