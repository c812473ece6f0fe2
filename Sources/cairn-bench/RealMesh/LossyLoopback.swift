import Glibc

/// A loopback that loses a fifth of what comes over it, TCP and UDP alike, while this exists.
///
/// It is a rule of nftables in this network namespace, which must be one that the bench has for itself: nobody else's packets are
/// ever dropped.
final class LossyLoopback {
    private static let table = "inet cairn_bench"
    private let output: String

    /// Why there can be none here, as a sentence; nil where there can.
    static var hindrance: String? {
        guard geteuid() == 0 else { return "to drop packets takes root, at least in a namespace of its own" }
        let devices = text(of: "/proc/net/dev", limit: 1 << 16).split(separator: "\n").dropFirst(2)
        guard devices.count == 1, devices.allSatisfy({ $0.contains("lo:") }), !sharesNamespace else {
            return "packets are dropped only in a network namespace that has nothing but a loopback; "
                + "scripts/bench makes one"
        }
        let tool = SpawnedProcess("nft", ["list", "tables"], output: "/dev/null")
        guard tool?.join() == 0 else { return "nft is not there, or may not be used (apt-get install nftables)" }
        return nil
    }

    /// With the first process of the machine; where that is not to be seen, the devices have to do.
    private static var sharesNamespace: Bool {
        let (ours, first) = (target(of: "/proc/self/ns/net"), target(of: "/proc/1/ns/net"))
        return ours.isEmpty || ours == first
    }

    private static func target(of link: String) -> [CChar] {
        var bytes = [CChar](repeating: 0, count: 64)
        // SAFETY: the buffer lives through the call, which is told its size.
        let count = unsafe readlink(link, &bytes, bytes.count)
        return Array(bytes.prefix(max(0, count)))
    }

    init?(output: String) {
        self.output = output
        let rule = """
            add table \(Self.table)
            add chain \(Self.table) input { type filter hook input priority 0; }
            add rule \(Self.table) input iif lo meta l4proto { tcp, udp } numgen random mod 100 < 20 counter drop
            """
        guard nft(rule) else { return nil }
    }

    private func nft(_ command: String) -> Bool { SpawnedProcess("nft", [command], output: output)?.join() == 0 }

    /// So far.
    var dropped: Double {
        truncate(output, 0)
        guard nft("list table \(Self.table)") else { return .nan }
        let words = text(of: output, limit: 1 << 16).split(whereSeparator: \.isWhitespace)
        guard let place = words.firstIndex(of: "packets"), place + 1 < words.count else { return .nan }
        return Double(words[place + 1]) ?? .nan
    }

    deinit { _ = nft("delete table \(Self.table)") }
}
