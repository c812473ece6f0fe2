import CairnBase
import CairnWire

/// What a node says of the verdicts on coverage since it started.
struct CoverageReport: Sendable {
    let adopted: UInt64
    /// Verdicts by which somebody earns something.
    let paying: UInt64
    let reasons: [(name: String, count: UInt64)]
    /// Why the word of single witnesses did not count.
    let witnessReasons: [(name: String, count: UInt64)]

    static let none = CoverageReport(.object([]))

    init(_ document: JSON) {
        let verdicts = document["verdicts"]
        adopted = verdicts?["adopted"]?.integer(UInt64.self) ?? 0
        paying = verdicts?["paying"]?.integer(UInt64.self) ?? 0
        reasons = Self.counts(verdicts?["reasons"])
        witnessReasons = Self.counts(verdicts?["witness_reasons"])
    }

    private static func counts(_ document: JSON?) -> [(name: String, count: UInt64)] {
        (document?.object ?? []).map { ($0.key, $0.value.integer(UInt64.self) ?? 0) }
    }

    var words: String {
        let named = reasons.map { "\($0.name) \($0.count)" }
        return "\(adopted) verdicts, \(paying) paying" + (named.isEmpty ? "" : " (\(named.joined(separator: ", ")))")
    }
}
