import CairnBase
import CairnCrypto
import CairnLedger
import CairnWire

/// The step of a testnet with sealed partitions: waiting until they are made, and telling the chain what lies in them.
extension TestnetStart {
    /// A partition costs 16 seconds of a core in a release build, and many times that in a debug one.
    private static let sealTime = TimeSpan.seconds(900)

    func seal() throws(Failure) -> String {
        let sealers = testnet.manifest.nodes.enumerated().filter { $0.element.sealed != nil }
        var count: UInt64 = 0
        for (index, node) in sealers {
            var report: SealedReport?
            try wait(for: node, "nothing is sealed", within: Self.sealTime, lookingEvery: .milliseconds(200)) {
                () throws(Failure) in
                report = try client(node).sealed()
                return report?.isWhole ?? false
            }
            guard let report else { continue }
            count += report.partitions.reduce(0) { $0 + $1.units }
            let account = AccountIdentity(seed: TestnetGenesis.seed(testnet.manifest, index, .account))
            let own = try client(node).report().node
            // The fourth thing that its account does: a testnet's nodes have one partition each.
            for partition in report.partitions.prefix(1) {
                try hand(3, index) { client throws(Failure) in
                    guard let action = report.claim(partition, on: own) else {
                        throw failure(node, "node \(node.name): what it sealed is not known")
                    }
                    return try SignedAction(action, by: account, on: try client.chain(), .init(), through: client)
                }
            }
        }
        for (index, _) in sealers { try waitForNonce(4, index, "what it sealed is not on the chain") }
        return "\(count) MiB on \(sealers.map(\.element.name).joined(separator: " "))"
    }
}
