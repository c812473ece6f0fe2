import CairnBase
import CairnLedger
import CairnRuntime
import CairnWire

/// The steps of a testnet with gateways: radios, registration, and waiting until coverage is paid.
extension TestnetStart {
    /// An epoch to register, one to wait, one to be challenged in, and the windows after it.
    private static let payTime = TimeSpan.seconds(300)
    /// Nothing comes sooner than a block.
    private static let blockTime = TimeSpan.seconds(1)

    /// - Parameter awaitingPay: whether to wait for the first pay too, for nobody else will look for it.
    mutating func untilRegistered(awaitingPay: Bool) throws(Failure) {
        let town = try TestnetTown(testnet)
        try step("radio") { start throws(Failure) in try start.startRadios(town) }
        try step("register") { start throws(Failure) in
            let gateways = try start.register(town)
            let (holders, sealers) = try start.registerHolders(town)
            return "\(gateways) gateways at their places" + (holders > 0 ? ", room with \(holders) nodes" : "")
                + (sealers > 0 ? ", \(sealers) to seal" : "")
        }
        if testnet.manifest.nodes.contains(where: { $0.sealed != nil }) {
            try step("seal") { start throws(Failure) in try start.seal() }
        }
        guard awaitingPay else { return }
        try step("verdicts") { start throws(Failure) in try start.waitForVerdicts() }
        try step("pay") { start throws(Failure) in try start.waitForPay() }
    }

    private func startRadios(_ town: TestnetTown) throws(Failure) -> String {
        let directory = testnet.directory
        if testnet.process(named: TestnetDirectory.radio) == nil {
            try Directory.make(directory.folder(TestnetDirectory.radio))
            try TextFile.replace(directory.radioFile, town.plan.text)
            let child = ChildProcess(
                program: program, arguments: ["radio-sim", directory.radioFile],
                environment: session.surroundings.environment.filter { !$0.key.hasPrefix("CAIRN_") },
                output: directory.output(TestnetDirectory.radio), log: directory.log(TestnetDirectory.radio))
            try directory.record(try child.start(), of: TestnetDirectory.radio)
        }
        for node in testnet.manifest.nodes {
            try wait(for: node, "no gateway has spoken to it") { () throws(Failure) in
                try client(node).radio()["gateways"]?.array?.contains { $0["downlink"]?.string != nil } ?? false
            }
        }
        return "\(testnet.manifest.nodes.count) simulated gateways on the air"
    }

    /// Hands in what is not on the chain yet; a device is registered once.
    private func register(_ town: TestnetTown) throws(Failure) -> Int {
        let nodes = testnet.manifest.nodes
        for (index, node) in nodes.enumerated() where try account(index, on: client(node)).nonce == 0 {
            _ = try client(node).submit(try town.gateway(index, on: client(node)).transaction.encoded)
        }
        for (index, node) in nodes.enumerated() {
            try wait(for: node, "its gateway is not registered") { () throws(Failure) in
                try account(index, on: client(node)).nonce > 0
            }
        }
        return nodes.count
    }

    /// A node's room is the second thing that its account offers, what it seals the third.
    private func registerHolders(_ town: TestnetTown) throws(Failure) -> (holders: Int, sealers: Int) {
        let nodes = testnet.manifest.nodes.enumerated()
        let holders = nodes.filter { $0.element.room != nil }
        for (index, node) in holders {
            try hand(1, index) { client throws(Failure) in
                try town.holder(index, room: node.room ?? 0, on: client)
            }
        }
        let sealers = nodes.filter { $0.element.sealed != nil }
        for (index, _) in holders { try waitForNonce(2, index, "its room is not registered") }
        for (index, node) in sealers {
            try hand(2, index) { client throws(Failure) in
                try town.sealer(index, room: node.sealed ?? 0, on: client)
            }
        }
        for (index, _) in sealers { try waitForNonce(3, index, "what it seals is not registered") }
        return (holders.count, sealers.count)
    }

    /// Hands in what an account does as its transaction of this number, unless it did.
    func hand(
        _ nonce: UInt64, _ index: Int,
        _ make: (NodeClient) throws(Failure) -> SignedAction
    ) throws(Failure) {
        let client = client(testnet.manifest.nodes[index])
        guard try account(index, on: client).nonce == nonce else { return }
        _ = try client.submit(try make(client).transaction.encoded)
    }

    func waitForNonce(_ nonce: UInt64, _ index: Int, _ complaint: String) throws(Failure) {
        let node = testnet.manifest.nodes[index]
        try wait(for: node, complaint) { () throws(Failure) in try account(index, on: client(node)).nonce >= nonce }
    }

    private func account(_ index: Int, on client: NodeClient) throws(Failure) -> NodeClient.AccountReport {
        try client.account(TestnetGenesis.account(testnet.manifest, index))
    }

    private func waitForVerdicts() throws(Failure) -> String {
        let node = testnet.manifest.nodes[0]
        var report = CoverageReport.none
        try wait(
            for: node, "no challenge was witnessed by enough", within: Self.payTime, lookingEvery: Self.blockTime
        ) { () throws(Failure) in
            report = try client(node).coverage()
            return report.paying > 0
        }
        return report.words
    }

    private func waitForPay() throws(Failure) -> String {
        let node = testnet.manifest.nodes[0]
        var paid: (epoch: UInt64, count: Int)?
        try wait(
            for: node, "nobody was paid for coverage", within: Self.payTime, lookingEvery: Self.blockTime
        ) { () throws(Failure) in
            paid = try ChainView(testnet.home(of: node)).newestPay()
            return paid != nil
        }
        let (epoch, count) = paid ?? (0, 0)
        return
            "epoch \(epoch): \(count) of \(testnet.manifest.nodes.count) gateways paid; \(try client(node).coverage().words)"
    }
}

extension ChainView {
    /// The newest epoch of which a gateway was paid, and how many were.
    fileprivate func newestPay() throws(Failure) -> (epoch: UInt64, count: Int)? {
        let paid = try records(.reward, Reward.self).filter {
            $0.value.profile == .coverageRadio && $0.value.total > .zero
        }.compactMap { $0.key.leadingNumber }
        return paid.max().map { newest in (newest, paid.count { $0 == newest }) }
    }
}
