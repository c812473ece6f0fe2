import CairnBase
import CairnConsensus
import CairnCrypto
import CairnGossip
import CairnLedger
import CairnNode
import CairnStore
import CairnTransport
import CairnWire
import Testing

@testable import CairnRuntime

/// A network of real nodes in one process: real sockets, real databases, real sign logs, one loop.
final class ChainCluster {
    struct Member {
        let folder: TemporaryFolder
        let nodeSeed: Bytes32
        let validatorSeed: Bytes32
        var network: PeerNetwork
        var shell: ChainShell
        /// With datagrams, the UDP side at the same port.
        var mesh: MeshShell?
        var endpoint: Endpoint
        var isUp = true
    }

    let run: LoopRun
    let genesis: Genesis
    let log: Logger
    private(set) var members: [Member] = []
    var blocks: [[BlockSummary]] = []
    var failures: [ChainFailure] = []
    var onBlock: () -> Void = {}
    private let hasDatagrams: Bool
    private let scrub: Limits.Scrub
    /// The committee of the third epoch, as followers trust it.
    private let trusted: Digest?
    /// Whether two of them may be connected.
    private let areNeighbours: (Int, Int) -> Bool

    init(
        validators count: Int, followers: Int = 0, hasDatagrams: Bool = false, paceMilliseconds: UInt64 = 0,
        trusted: Digest? = nil, scrub: Limits.Scrub = Limits.Scrub(),
        areNeighbours: @escaping (Int, Int) -> Bool = { _, _ in true }
    ) throws {
        self.hasDatagrams = hasDatagrams
        self.scrub = scrub
        self.trusted = trusted
        self.areNeighbours = areNeighbours
        run = try LoopRun()
        var options = LogOutput.Options()
        options.filter = LogFilter(.error)
        log = LogOutput(options).logger("test")
        let total = count + followers
        let seeds = (0..<total).map { index in (Self.seed(index, 1), Self.seed(index, 2), Self.seed(index, 3)) }
        genesis = try Self.genesis(Array(seeds.prefix(count)), paceMilliseconds)
        blocks = Array(repeating: [], count: total)
        for (index, seed) in seeds.enumerated() {
            members.append(try member(index, seed.0, seed.1, isValidator: index < count, in: TemporaryFolder()))
        }
        for index in members.indices { connect(index) }
    }

    func start() {
        let seeds = members.map(\.endpoint)
        for member in members {
            member.mesh?.start(seeds: seeds.filter { $0 != member.endpoint })
            member.shell.start()
        }
    }

    /// Runs until every node has executed so many blocks, and looks whether they are the same.
    func run(untilAllHave count: Int) throws {
        onBlock = { [unowned self] in
            if blocks.allSatisfy({ $0.count >= count }) { run.finish() }
        }
        start()
        try run.run()
        #expect(failures.isEmpty)
        let digests = blocks.map { $0.prefix(count).map(\.digest) }
        #expect(digests.allSatisfy { $0 == digests[0] })
    }

    func stop() {
        for member in members where member.isUp {
            member.shell.stop()
            member.network.close()
        }
    }

    /// Ends a node's part: its sockets close and its files are let go of.
    func takeDown(_ index: Int) {
        let member = members[index]
        run.loop.after(.zero) { [weak self] in
            member.shell.stop()
            member.network.close()
            self?.members[index].isUp = false
        }
    }

    func bringBack(_ index: Int) throws {
        let old = members[index]
        members[index] = try member(
            index, old.nodeSeed, old.validatorSeed, isValidator: old.shell.configuration.keys != nil, in: old.folder)
        connect(index)
        members[index].shell.start()
    }

    func transfer(from: Int, to: Int, nonce: UInt64 = 0) throws -> [UInt8] {
        let chain = genesis.chain(using: Blake2b())
        let key = SecretKey(seed: Seed(known: Self.seed(from, 3)))
        let body = Transaction.Body(
            chain: chain, sender: AccountID(key.publicKey), nonce: nonce, fee: Amount(units: 10_000),
            expiry: Height(1_000),
            action: .transfer(to: Self.account(Self.seed(to, 3)), amount: Amount(units: 5_000)))
        return Transaction(body, signature: key.sign(body.signedBytes(chain: chain))).encoded
    }

    func submit(_ bytes: [UInt8], to index: Int, _ answer: @escaping (SubmissionAnswer) -> Void) {
        members[index].shell.submit(bytes, answer)
    }

    private func member(
        _ index: Int, _ nodeSeed: Bytes32, _ validatorSeed: Bytes32, isValidator: Bool, in folder: TemporaryFolder
    ) throws -> Member {
        var settings = PeerNetwork.Settings(messageLimit: 4 << 20, seed: UInt64(index))
        settings.kinds = ChainShell.questionKinds
        let network = PeerNetwork(
            on: run.loop,
            as: NoiseIdentity(
                signedBy: SecretKey(seed: Seed(known: nodeSeed)), local: .generate()), settings, log: log)
        let pubSub = PubSubShell(
            on: run.loop, as: NodeID(SecretKey(seed: Seed(known: nodeSeed)).publicKey), topics: ChainShell.topics
        ) { SecretKey(seed: Seed(known: nodeSeed)).sign($0) }
        network.add(pubSub)
        // Peers count each other by address, so each has one of its own.
        let endpoint = try network.listen(at: .freeLoopback(network: UInt8(index + 1)))
        let keys =
            isValidator ? SharedValidatorKeys(ValidatorIdentity(seed: Seed(known: validatorSeed))) : nil
        if let keys, !members.indices.contains(index) {
            try SignLog.create(
                directory: folder.path, key: keys.vote, chain: genesis.chain(using: Blake2b()))
        }
        var configuration = ChainConfiguration(
            genesis: genesis, directory: folder.path, keys: keys, agent: "test")
        configuration.scrub = scrub
        if !isValidator { configuration.checkpoint = trusted.map { .init(epoch: Epoch(2), committee: $0) } }
        let shell = try ChainShell(on: run.loop, network: network, configuration, log: log)
        shell.join(pubSub)
        shell.onBlock = { [weak self] summary in
            self?.blocks[index].append(summary)
            self?.onBlock()
        }
        shell.onFailure = { [weak self] failure in
            self?.failures.append(failure)
            self?.run.loop.stop()
        }
        return Member(
            folder: folder, nodeSeed: nodeSeed, validatorSeed: validatorSeed, network: network, shell: shell,
            mesh: try hasDatagrams ? mesh(at: endpoint, for: shell, nodeSeed) : nil, endpoint: endpoint)
    }

    private func mesh(at endpoint: Endpoint, for shell: ChainShell, _ nodeSeed: Bytes32) throws -> MeshShell {
        let key = SecretKey(seed: Seed(known: nodeSeed))
        let mesh = try MeshShell(
            on: run.loop, bind: endpoint, as: NodeID(key.publicKey), chain: shell.chain, limits: Limits(), log: log
        ) { key.sign($0, tag: NodeRecord.domainTag, chain: shell.chain) }
        shell.join(mesh)
        return mesh
    }

    /// A new home that looks for a snapshot, connected with everybody; its shell comes when it has one.
    func newcomer(_ ended: @escaping (Result<ChainHead, SnapshotFetcher.Core.Ending>) -> Void) throws -> Newcomer {
        let seed = Self.seed(100, 1)
        var settings = PeerNetwork.Settings(messageLimit: 4 << 20, seed: 100)
        settings.kinds = ChainShell.questionKinds
        let network = PeerNetwork(
            on: run.loop, as: NoiseIdentity(signedBy: SecretKey(seed: Seed(known: seed)), local: .generate()),
            settings, log: log)
        _ = try network.listen(at: .freeLoopback(network: 100))
        let folder = try TemporaryFolder()
        let configuration = ChainConfiguration(genesis: genesis, directory: folder.path, keys: nil, agent: "test")
        let fetcher = try SnapshotFetcher(
            on: run.loop, network: network, configuration, SnapshotWish(blocks: 1, isVouchedFor: true), log: log)
        fetcher.onEnd = ended
        for member in members where member.isUp {
            let node = NodeID(SecretKey(seed: Seed(known: member.nodeSeed)).publicKey)
            network.keep(PeerAddress(node, at: member.endpoint))
        }
        fetcher.start()
        return Newcomer(folder: folder, network: network, configuration: configuration, fetcher: fetcher)
    }

    struct Newcomer {
        let folder: TemporaryFolder
        let network: PeerNetwork
        let configuration: ChainConfiguration
        let fetcher: SnapshotFetcher
    }

    private func connect(_ index: Int) {
        for other in members.indices where other != index && areNeighbours(index, other) {
            let node = NodeID(SecretKey(seed: Seed(known: members[other].nodeSeed)).publicKey)
            members[index].network.keep(PeerAddress(node, at: members[other].endpoint))
        }
    }

    private static func seed(_ index: Int, _ use: UInt8) -> Bytes32 {
        Blake2b().digest(DomainTag("cn/test"), [UInt8(index), use]).raw
    }

    private static func genesis(
        _ seeds: [(Bytes32, Bytes32, Bytes32)], _ pace: UInt64
    ) throws -> Genesis {
        var parameters = Parameters(.testnet)
        let isSet = parameters.set(.blockPace, to: pace) && parameters.set(.epochBlocks, to: 5)
        #expect(isSet)
        return try Genesis(
            network: "test", symbol: "CRN", time: 1_000, parameters: parameters,
            accounts: seeds.map { seed in
                Genesis.Allocation(account: account(seed.2), balance: .one)
            },
            validators: seeds.map { seed in
                let validator = ValidatorIdentity(seed: Seed(known: seed.1))
                return Genesis.FoundingValidator(
                    account: account(seed.2),
                    keys: ValidatorKeys(
                        node: NodeID(SecretKey(seed: Seed(known: seed.0)).publicKey),
                        vote: validator.key.publicKey, randomness: validator.vrf.publicKey),
                    bond: Amount(units: 1_000 * Amount.one.units))
            })
    }

    private static func account(_ seed: Bytes32) -> AccountID {
        AccountID(SecretKey(seed: Seed(known: seed)).publicKey)
    }
}
