import CairnBase
import CairnWire

/// What a node says of coverage: verdicts since it started, and what the last settled epoch paid.
struct CoverageReport: Sendable {
    struct Reward: Sendable {
        let resource: String
        let controller: String
        let units: UInt64
        let verdicts: UInt64
        let pay: Amount
        let held: Amount
    }

    let document: JSON
    let adopted: UInt64
    /// Verdicts by which somebody earns something.
    let paying: UInt64
    let reasons: [(name: String, count: UInt64)]
    let settled: UInt64?
    let rewards: [Reward]

    static let none = CoverageReport(.object([]))

    init(_ document: JSON) {
        self.document = document
        let verdicts = document["verdicts"]
        adopted = verdicts?["adopted"]?.integer(UInt64.self) ?? 0
        paying = verdicts?["paying"]?.integer(UInt64.self) ?? 0
        reasons = (verdicts?["reasons"]?.object ?? []).map { ($0.key, $0.value.integer(UInt64.self) ?? 0) }
        settled = document["settled_epoch"]?.integer(UInt64.self)
        rewards = (document["rewards"]?.array ?? []).map { reward in
            Reward(
                resource: reward["resource"]?.string ?? "", controller: reward["controller"]?.string ?? "",
                units: reward["units"]?.integer(UInt64.self) ?? 0,
                verdicts: reward["verdicts"]?.integer(UInt64.self) ?? 0,
                pay: Amount(units: reward["pay_units"]?.integer(UInt64.self) ?? 0),
                held: Amount(units: reward["held_units"]?.integer(UInt64.self) ?? 0))
        }
    }

    var words: String {
        let named = reasons.map { "\($0.name) \($0.count)" }
        return "\(adopted) verdicts, \(paying) paying" + (named.isEmpty ? "" : " (\(named.joined(separator: ", ")))")
    }
}
