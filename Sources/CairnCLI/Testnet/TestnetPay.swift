import CairnBase
import CairnCrypto
import CairnLedger
import CairnStore
import CairnWire

/// What became of the resources of a testnet, the first of each node: how often it was challenged and what for it was paid.
struct TestnetPay {
    struct Gateway: Sendable, Equatable {
        var verdicts = 0
        /// Verdicts by which it earns something.
        var paying = 0
        var paid = Amount.zero
        /// Of that, by the owners of objects that it holds shards of.
        var earned = Amount.zero
        /// Epochs of which its verdicts say that it did not prove what it holds, and no owner paid.
        var unearned = 0
        // ORDER: `words` goes through all reasons in theirs.
        var reasons: [Reason: Int] = [:]
        var newest: Judged?

        var words: String {
            let named = Reason.allCases.compactMap { reason in reasons[reason].map { "\(reason) \($0)" } }
            return "\(verdicts) verdicts, \(paying) paying"
                + (named.isEmpty ? "" : " (\(named.joined(separator: ", ")))")
        }
    }

    /// What became of one challenge.
    struct Judged: Sendable, Equatable {
        let challenge: Height
        let pays: Bool
        let reasons: [Reason]

        var words: String {
            let named = reasons.map { "\($0)" }.joined(separator: ", ")
            return "\(pays ? "proved" : "did not prove") challenge \(challenge)" + (named.isEmpty ? "" : " (\(named))")
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
        for node in manifest.nodes {
            let account = try testnet.account(of: node)
            let id = Resource.id(chain: view.reader.chain, controller: account, sequence: 0, using: Blake2b())
            var gateway = Gateway()
            let verdicts = try view.read { reader throws(StoreError) in
                try reader.verdicts(of: id, page: Page(limit: Page.limitMax))
            }
            gateway.verdicts = verdicts.count
            gateway.newest = verdicts.max { $0.challenged < $1.challenged }.map {
                Judged(challenge: $0.challenged, pays: $0.passed, reasons: $0.reasons.list)
            }
            gateway.paying = verdicts.count(where: \.passed)
            for reason in verdicts.flatMap(\.reasons.list) { gateway.reasons[reason, default: 0] += 1 }
            for (key, reward) in rewards where key.bytes.suffix(Bytes32.count).elementsEqual(id.raw.bytes) {
                gateway.paid = gateway.paid.adding(reward.total) ?? gateway.paid
                gateway.earned = gateway.earned.adding(reward.paid) ?? gateway.earned
                if reward.verdicts > 0, reward.paid == .zero, !reward.reasons.isEmpty { gateway.unearned += 1 }
            }
            gateways[node.name] = gateway
        }
    }
}

extension TestnetPay {
    /// What the chain of the first node took of a validator's bond for voting twice.
    static func slashed(_ name: String, in testnet: Testnet) throws(Failure) -> Amount {
        guard let first = testnet.manifest.nodes.first else { return .zero }
        let account = try testnet.account(of: testnet.node(named: name))
        let view = try ChainView(testnet.home(of: first))
        guard let validator = try view.load(.validator(account)) else { return .zero }
        let key = validator.keys.vote.raw.bytes
        return try view.records(.punishment, Punishment.self).filter {
            $0.key.bytes.suffix(key.count).elementsEqual(key)
        }
        .reduce(.zero) { $0.adding($1.value.slashed) ?? $0 }
    }
}
