import CairnBase
import CairnWire

/// What a node says of whether others can dial it.
struct ReachabilityReport: Sendable {
    let document: JSON
    let state: String
    let address: String?
    let observed: String?
    let reached: UInt64
    let asked: UInt64
    let ago: TimeSpan?
    let dialBacks: [DialBack]

    struct DialBack: Sendable {
        let name: String
        let outcome: String
        let time: TimeSpan
    }

    /// Nil where the node has no peers to ask, by its kind or version.
    init?(_ document: JSON?) {
        guard let document, let state = document["state"]?.string,
            let reached = document["reached"]?.integer(UInt64.self),
            let asked = document["asked"]?.integer(UInt64.self)
        else { return nil }
        self.document = document
        self.state = state
        self.reached = reached
        self.asked = asked
        address = document["address"]?.string
        observed = document["observed"]?.string
        ago = document["ago_ms"]?.integer(UInt64.self).map { .milliseconds($0) }
        dialBacks = (document["dial_backs"]?.array ?? []).compactMap { item in
            guard let name = item["name"]?.string, let outcome = item["outcome"]?.string,
                let milliseconds = item["ms"]?.integer(UInt64.self)
            else { return nil }
            return DialBack(name: name, outcome: outcome, time: .milliseconds(milliseconds))
        }
    }

    var isUnreachable: Bool { state == "unreachable" }

    /// One line for people.
    var sentence: String {
        let count = "\(reached)/\(asked) dial-backs" + (ago.map { ", \($0.rough) ago" } ?? "")
        return switch state {
        case "reachable": "reachable from outside: \(count)"
        case "unreachable": "not reachable from outside: \(count); it only calls out"
        default: "not known whether reachable from outside" + (asked == 0 ? "" : ": \(count)")
        }
    }

    var text: String {
        var text = "reachable  \(sentence)\n"
        text += "dialled    \(address ?? "-")\n"
        text +=
            "seen       \(observed.map { "from \($0), as dialled peers say" } ?? "too few dialled peers agree from where")\n"
        for dial in dialBacks {
            text += "dial-back  \(padded(dial.outcome, to: 11))  \(dial.time.milliseconds) ms  \(dial.name)\n"
        }
        return text
    }
}
