import CairnBase
import CairnCrypto
import CairnLedger
import CairnStore
import CairnWire

/// How the chain of a testnet begins: the first nodes are its validators, every node's account has something to spend.
///
/// All of it follows from the manifest, so every node makes the same genesis for itself, and the same seed gives the
/// same chain.
struct TestnetGenesis {
    private let manifest: TestnetManifest
    let genesis: Genesis

    /// More than four validators would not show more on one machine, and each costs a sync for every vote.
    private static let validatorsMax = 4
    /// 1 January 2026: fixed, so that the chain's name depends on the manifest alone.
    private static let time: UInt64 = 1_767_225_600_000

    /// - Parameter spare: how many more accounts have something to spend, beyond those of the nodes.
    init(_ manifest: TestnetManifest, spare: Int = 0) throws(Failure) {
        self.manifest = manifest
        let founders = 0..<min(Self.validatorsMax, manifest.nodes.count)
        do {
            genesis = try Genesis(
                network: manifest.name, symbol: "CRN", time: Self.time, parameters: Self.parameters(manifest),
                accounts: (0..<manifest.nodes.count + spare).map { index in
                    Genesis.Allocation(
                        account: Self.account(manifest, index), balance: Amount(units: 10_000 * Amount.one.units))
                },
                validators: founders.map { Self.founder(manifest, $0) },
                anchors: Self.anchors(manifest).map { .init(controller: Self.account(manifest, $0), sequence: 0) })
        } catch {
            throw Failure(.genesisInvalid, "this testnet's genesis is not valid: \(error.words)")
        }
    }

    /// Those whose first resource is trusted from the start: somebody has to be the first whose word counts. Of gateways
    /// all but the last; without gateways all who keep pieces, for each is witnessed by seven others, and by three where they
    /// doubt.
    private static func anchors(_ manifest: TestnetManifest) -> [Int] {
        let nodes = manifest.nodes
        return manifest.hasRadios ? Array(nodes.indices.dropLast()) : nodes.indices.filter { nodes[$0].room != nil }
    }

    /// Pay comes two epochs and the windows of challenges after registration: with radios epochs are short, so that it is
    /// seen within minutes.
    private static let blocksPerEpochWithRadios: UInt64 = 20

    /// What one sealed partition takes.
    static let partitionBytes = ProfileRules.template(.storageSealed, .testnet)["unitsPerPartition"] << 20

    private static func parameters(_ manifest: TestnetManifest) -> Parameters {
        var parameters = Parameters(.testnet)
        let isPaced = parameters.set(.blockPace, to: manifest.pace)
        invariant(isPaced, "a manifest's pace is within the bounds")
        if manifest.hasRadios {
            let isSet = parameters.set(.epochBlocks, to: blocksPerEpochWithRadios)
            invariant(isSet, "so many blocks are within the bounds")
        }
        return parameters
    }

    /// Writes the genesis into a home and, for a validator, makes the sign log that belongs to its key. Both come before
    /// the home is whole, and a log that is there already is kept.
    func place(in home: Home, ofNode index: Int) throws(Failure) {
        try Directory.make(home.path)
        try TextFile.replace(home.genesisFile, genesis.json.indentedText + "\n")
        guard index < genesis.validators.count else { return }
        let key = ValidatorIdentity(seed: Self.seed(manifest, index, .validator)).key.publicKey
        do throws(SignLogError) {
            try SignLog.create(directory: home.path, key: key, chain: genesis.chain(using: Blake2b()))
        } catch {
            if case .exists = error { return }
            throw Failure(.cannotWrite, "\(error)")
        }
    }

    private static func founder(_ manifest: TestnetManifest, _ index: Int) -> Genesis.FoundingValidator {
        let validator = ValidatorIdentity(seed: seed(manifest, index, .validator))
        return Genesis.FoundingValidator(
            account: account(manifest, index),
            keys: ValidatorKeys(
                node: NodeIdentity(seed: seed(manifest, index, .node)).id, vote: validator.key.publicKey,
                randomness: validator.vrf.publicKey),
            bond: Amount(units: 1_000 * Amount.one.units))
    }

    static func account(_ manifest: TestnetManifest, _ index: Int) -> AccountID {
        AccountIdentity(seed: seed(manifest, index, .account)).id
    }

    static func seed(_ manifest: TestnetManifest, _ index: Int, _ kind: KeyKind) -> Seed {
        HomeMaker.derivedSeed(manifest.seed, UInt64(index), kind)
    }
}
