import CairnBase
import CairnCrypto
import CairnLedger
import CairnStore
import CairnWire

/// What became of the gateways of a testnet: how often each was challenged and what for it was paid.
struct TestnetPay {
    struct Gateway: Sendable, Equatable {
        var verdicts = 0
        /// Verdicts by which it earns something.
        var paying = 0
        var paid = Amount.zero
        // ORDER: `words` goes through all reasons in theirs.
        var reasons: [Reason: Int] = [:]

        var words: String {
            let named = Reason.allCases.compactMap { reason in reasons[reason].map { "\(reason) \($0)" } }
            return "\(verdicts) verdicts, \(paying) paying"
                + (named.isEmpty ? "" : " (\(named.joined(separator: ", ")))")
        }
    }

    // ORDER: asked by the name of a node.
    private var gateways: [String: Gateway] = [:]

    subscript(node: String) -> Gateway { gateways[node] ?? Gateway() }

    /// As the chain of the first node says.
    init(_ testnet: Testnet) throws(Failure) {
        let manifest = testnet.manifest
        guard let first = manifest.nodes.first else { return }
        let view = try ChainView(testnet.home(of: first))
        let rewards = try view.records(.reward, Reward.self)
        for (index, node) in manifest.nodes.enumerated() {
            let account = TestnetGenesis.account(manifest, index)
            let id = Resource.id(chain: view.reader.chain, controller: account, sequence: 0, using: Blake2b())
            var gateway = Gateway()
            let verdicts = try view.read { reader throws(StoreError) in
                try reader.verdicts(of: id, page: Page(limit: Page.limitMax))
            }
            gateway.verdicts = verdicts.count
            gateway.paying = verdicts.count(where: \.passed)
            for reason in verdicts.flatMap(\.reasons.list) { gateway.reasons[reason, default: 0] += 1 }
            for (key, reward) in rewards where key.bytes.suffix(Bytes32.count).elementsEqual(id.raw.bytes) {
                gateway.paid = gateway.paid.adding(reward.total) ?? gateway.paid
            }
            gateways[node.name] = gateway
        }
    }
}
