import CairnBase
import CairnConsensus
import CairnLedger
import CairnWire

/// What every process of a simulated network of whole nodes knows from the start: the genesis, and its own keys.
public struct NodeWorld: Sendable {
    /// The keys of one server. Every one may become a validator; the first of them are.
    struct Member: Sendable {
        let vote: KeyedHashScheme.SigningKey
        let node: KeyedHashScheme.SigningKey
        /// Owns the bond of the validator.
        let account: KeyedHashScheme.SigningKey
        let keys: ValidatorKeys
    }

    let cluster: Cluster
    let hash = MixHash()
    let scheme: KeyedHashScheme
    let members: [Member]
    /// What clients pay with, one account each.
    let purses: [KeyedHashScheme.SigningKey]
    /// The client whose account genesis does not know: it owns nothing until somebody pays it.
    let stranger: Int?
    /// Servers that start later than the others, with nothing.
    let joiners: OrderedMap<Int, TimeSpan>
    let genesis: Genesis
    let chain: ChainID
    /// The first servers, whose bonds stand in genesis.
    let founders: Int
    /// Servers that tell others what is not true, and how.
    let liars: OrderedMap<Int, NodeLie>
    let bug: NodeBug?
    /// Where the nodes have gateways; nil in a network without radio.
    let town: NodeTown?
    /// What the nodes store; nil in a network without storage.
    let depot: NodeDepot?
    let beginning: BlockOutcome

    static let delay = TimeSpan.milliseconds(200)

    init(
        cluster: Cluster, liars: OrderedMap<Int, NodeLie>, bug: NodeBug?, hasTown: Bool, hasDepot: Bool,
        random: SeededRandom
    ) {
        self.cluster = cluster
        self.bug = bug
        self.liars = liars
        var draw = random.fork("world")
        let scheme = KeyedHashScheme(seed: random.fork("keys").draw(.max))
        self.scheme = scheme
        members = (0..<cluster.servers).map { index in
            let (vote, node) = (scheme.signingKey(4 * index), scheme.signingKey(4 * index + 1))
            return Member(
                vote: vote, node: node, account: scheme.signingKey(4 * index + 2),
                keys: ValidatorKeys(
                    node: NodeID(node.publicKey), vote: vote.publicKey,
                    randomness: VRFPublicKey(scheme.signingKey(4 * index + 3).publicKey.raw)))
        }
        let purses = (0..<cluster.clients).map { scheme.signingKey(1_000_000 + $0) }
        self.purses = purses
        founders = min(cluster.servers, 4 + Int(draw.below(2)))
        // A client who pays, and makes no server a validator; in a town and at a depot the last one is neither.
        let last = cluster.clients - 1
        let mayBeStrange = founders + last >= cluster.servers && !hasTown && !hasDepot
        var strange = random.fork("stranger")
        stranger = mayBeStrange && strange.flip() ? last : nil
        let payers = stranger == nil ? purses : purses.dropLast()
        town = hasTown ? NodeTown(cluster, scheme, random: random.fork("town")) : nil
        depot = hasDepot ? NodeDepot(cluster, members, scheme, random: random.fork("depot")) : nil
        joiners = hasTown || hasDepot ? [:] : Self.joiners(founders..<cluster.servers, random.fork("joiners"))
        var parameters = Parameters(.testnet)
        // Where there is radio, a verdict comes within two epochs, and a beacon is over before three blocks are.
        let choices: [(Parameter, UInt64)] = [
            (.epochBlocks, depot?.epochBlocks ?? (hasTown ? 12 : 4) + draw.below(hasTown ? 5 : 9)),
            (.blockPace, depot?.pace ?? (hasTown ? 200 : 100) + 100 * draw.below(hasTown ? 2 : 3)),
            // Faults silence everybody now and then; who re-applies is not what is tried here.
            (.missedViewsPPM, 1_000_000),
        ]
        for (parameter, value) in choices {
            let isSet = parameters.set(parameter, to: value)
            invariant(isSet, "a drawn parameter is within its bounds")
        }
        let depositors = depot.map { $0.offered.map(\.owner) + [$0.purse] } ?? []
        genesis = Self.genesis(
            parameters, members, payers + (town?.owners ?? []) + depositors, founders,
            profiles: town.map { _ in NodeTown.profiles } ?? depot?.profiles ?? ProfileRules.templates(.testnet),
            anchors: town?.anchors ?? depot?.anchors ?? [])
        chain = genesis.chain(using: hash)
        do {
            beginning = try Ledger(chain: chain, hash: hash).begin(genesis)
        } catch {
            fatalError("the drawn genesis is sound: \(error)")
        }
    }

    private static func joiners(_ servers: Range<Int>, _ random: SeededRandom) -> OrderedMap<Int, TimeSpan> {
        var draw = random
        var joiners: OrderedMap<Int, TimeSpan> = [:]
        for server in servers where draw.flip() { joiners[server] = draw.span(.seconds(1), .seconds(12)) }
        return joiners
    }

    private static func genesis(
        _ parameters: Parameters, _ members: [Member], _ purses: [KeyedHashScheme.SigningKey], _ founders: Int,
        profiles: [ProfileRules], anchors: [Genesis.Anchor]
    ) -> Genesis {
        let rich = Amount(units: 10_000 * Amount.one.units)
        do {
            return try Genesis(
                network: "simulated", symbol: "CRN", time: 1_000, parameters: parameters,
                profiles: profiles,
                accounts: (members.map(\.account) + purses).map { .init(account: $0.id, balance: rich) },
                validators: members.prefix(founders).map { member in
                    .init(
                        account: member.account.id, keys: member.keys, bond: Amount(units: 1_000 * Amount.one.units))
                }, anchors: anchors)
        } catch {
            fatalError("the drawn genesis is sound: \(error)")
        }
    }

    var parameters: ConsensusParameters {
        var parameters = ConsensusParameters(
            pace: .milliseconds(genesis.parameters[.blockPace]), epochLength: genesis.parameters[.epochBlocks],
            delay: Self.delay)
        parameters.longestDelay = .seconds(2)
        return parameters
    }

    /// A key that a client made for its account, later than the first.
    func spareKey(_ made: Int, of client: Int) -> KeyedHashScheme.SigningKey {
        scheme.signingKey(7_000_000 + 1_000 * client + made)
    }

    func isLiar(_ id: ProcessID) -> Bool { liars.contains(id.index) }

    func process(of node: NodeID) -> ProcessID? {
        members.firstIndex { $0.keys.node == node }.map(ProcessID.init)
    }

    /// What the real edge checks: the transaction's signature and those inside it.
    func verified(_ transaction: Transaction) -> Verified<Transaction>? {
        let isWhole = transaction.enclosed.allSatisfy { inner in
            let message = signedBytes(inner.domain, chain: chain, body: inner.body)
            return scheme.isValid(inner.signature, of: message, by: inner.signer)
        }
        return isWhole ? scheme.verify(transaction, by: transaction.key, on: chain) : nil
    }

    func verifier(_ epochs: [EpochPlan]) -> MessageVerifier<MixHash, KeyedHashScheme> {
        MessageVerifier(
            chain: chain, hash: hash, cryptography: scheme,
            epochs: epochs.map { .init(epoch: $0.epoch, committee: $0.committee) })
    }
}

extension KeyedHashScheme.SigningKey {
    /// The account that this key speaks for.
    var id: AccountID { AccountID(publicKey) }
}
