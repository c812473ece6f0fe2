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

    /// What became of all that is offered under one profile.
    struct Service: Sendable, Equatable {
        let profile: Profile
        var resources = 0
        var verdicts = 0
        var paying = 0
        var paid = Amount.zero
        /// Of that, by the owners of objects.
        var earned = Amount.zero

        var words: String {
            "\(padded(profile.name, to: 15)) \(resources) offered · \(verdicts) verdicts, \(paying) good · paid \(paid)"
                + (earned > .zero ? ", \(earned) of it by owners of files" : "")
        }

        var document: JSON {
            [
                "profile": .string(profile.name), "resources": JSON(UInt64(resources)),
                "verdicts": JSON(UInt64(verdicts)), "good": JSON(UInt64(paying)), "paid": .string("\(paid)"),
                "paidByOwners": .string("\(earned)"),
            ]
        }

        fileprivate mutating func add(_ one: Gateway) {
            resources += 1
            verdicts += one.verdicts
            paying += one.paying
            paid = paid.adding(one.paid) ?? paid
            earned = earned.adding(one.earned) ?? earned
        }
    }

    /// Those under which something is offered.
    private(set) var services: [Service] = []

    // ORDER: asked by the name of a node.
    private var gateways: [String: Gateway] = [:]
    /// By node and profile.
    private var offers: [String: [Profile: Gateway]] = [:]
    /// An account of a testnet offers no more than this.
    private static let offersMax: UInt64 = 8

    subscript(node: String) -> Gateway { gateways[node] ?? Gateway() }

    /// What became of all that a node offers, by profile.
    func offers(of node: String) -> [Profile: Gateway] { offers[node] ?? [:] }

    /// As the chain of the first node says.
    init(_ testnet: Testnet) throws(Failure) {
        let manifest = testnet.manifest
        guard let first = manifest.nodes.first else { return }
        let view = try ChainView(testnet.home(of: first))
        let rewards = try view.records(.reward, Reward.self)
        services = Profile.allCases.map { Service(profile: $0) }
        for node in manifest.nodes {
            let account = try testnet.account(of: node)
            for sequence in 0..<Self.offersMax {
                let id = Resource.id(
                    chain: view.reader.chain, controller: account, sequence: sequence, using: Blake2b())
                guard let resource = try view.load(.resource(id)) else { break }
                let one = try Gateway(id, in: view, rewards)
                if sequence == 0 { gateways[node.name] = one }
                offers[node.name, default: [:]][resource.offer.profile] = one
                if let place = services.firstIndex(where: { $0.profile == resource.offer.profile }) {
                    services[place].add(one)
                }
            }
        }
        services.removeAll { $0.resources == 0 }
    }
}

extension TestnetPay.Gateway {
    fileprivate init(
        _ id: ResourceID, in view: ChainView, _ rewards: [(key: StateKey, value: Reward)]
    ) throws(Failure) {
        let verdicts = try view.read { reader throws(StoreError) in
            try reader.verdicts(of: id, page: Page(limit: Page.limitMax))
        }
        self.verdicts = verdicts.count
        newest = verdicts.max { $0.challenged < $1.challenged }.map {
            TestnetPay.Judged(challenge: $0.challenged, pays: $0.passed, reasons: $0.reasons.list)
        }
        paying = verdicts.count(where: \.passed)
        for reason in verdicts.flatMap(\.reasons.list) { reasons[reason, default: 0] += 1 }
        for (key, reward) in rewards where key.bytes.suffix(Bytes32.count).elementsEqual(id.raw.bytes) {
            paid = paid.adding(reward.total) ?? paid
            earned = earned.adding(reward.paid) ?? earned
            if reward.verdicts > 0, reward.paid == .zero, !reward.reasons.isEmpty { unearned += 1 }
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
