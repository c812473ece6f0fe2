import CairnBase
import CairnCrypto
import CairnLedger

/// What the network of a testnet began with, read from its homes: whoever joined later has keys of its own and is not in the
/// genesis, so the manifest alone does not tell.
extension Testnet {
    func genesis() throws(Failure) -> Genesis {
        guard let first = manifest.nodes.first else { throw Failure(.testnetDamaged, "this testnet has no node") }
        return try GenesisFile.read(home(of: first).genesisFile)
    }

    func account(of node: TestnetManifest.Node) throws(Failure) -> AccountID {
        let keys = KeyStorage(home: home(of: node), settings: KeyStorage.Settings())
        return AccountID(try keys.description(KeyKind.account.rawValue).publicKey)
    }
}
