import CairnBase
import CairnGossip
import CairnWire

/// Remembers every record it ever heard and tells old ones as if they were new.
struct RecordReplayer: MembershipBehaviour {
    private var heard: [NodeRecord] = []

    mutating func overhear(
        _ message: MembershipMessage, from _: ProcessID, as liar: MembershipProcess, random: inout SeededRandom
    ) {
        guard case .record(let record) = message else { return }
        if heard.count < 64 { heard.append(record) } else { heard[Int(random.below(64))] = record }
    }

    mutating func speak(
        _ message: MembershipMessage, as liar: MembershipProcess, random: inout SeededRandom
    ) -> [MembershipMessage] {
        guard !heard.isEmpty else { return [message] }
        return [message, .record(heard[Int(random.below(UInt64(heard.count)))])]
    }
}
