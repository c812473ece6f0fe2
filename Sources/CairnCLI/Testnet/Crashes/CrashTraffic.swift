import CairnBase
import CairnCrypto
import CairnLedger
import CairnRuntime
import CairnWire

/// Transfers that are handed to nodes while these are killed, and what must have become of them afterwards.
///
/// Each node's account sends to the next one's, in the order of its nonces. A transfer whose answer got lost with the node
/// is handed to another node until one says yes. From then on it must end in a block.
struct CrashTraffic {
    struct Accepted: Sendable {
        let id: Digest
        let since: Height
    }

    /// The transfers that some node has said yes to.
    private(set) var accepted: [Accepted] = []
    /// Answers that never came.
    private(set) var unanswered = 0

    private let chain: ChainID
    private let seed: UInt64
    private let accounts: [AccountID]
    private var nonces: [UInt64]
    private let firstNonces: [UInt64]

    private static let fee = Amount(units: 1_000)
    /// Long enough for any number of cycles: what is lost must show, not expire.
    private static let expiry = Height(10_000_000)

    init(_ manifest: TestnetManifest, chain: ChainID, at client: NodeClient) throws(Failure) {
        self.chain = chain
        seed = manifest.seed
        accounts = manifest.nodes.indices.map { Self.identity(manifest.seed, $0).id }
        var nonces: [UInt64] = []
        for account in accounts { nonces.append(try client.account(account).nextNonce) }
        self.nonces = nonces
        firstNonces = nonces
    }

    /// Hands the next transfer of account `sender` to one node after the other until one answers.
    mutating func send(from sender: Int, to clients: [NodeClient], at height: UInt64) {
        let identity = Self.identity(seed, sender)
        let body = Transaction.Body(
            chain: chain, sender: identity.id, nonce: nonces[sender], fee: Self.fee, expiry: Self.expiry,
            action: .transfer(to: accounts[(sender + 1) % accounts.count], amount: Amount(units: 1)))
        let transaction = Transaction(body, signature: identity.key.sign(body.signedBytes(chain: chain)))
        for client in clients {
            guard (try? client.submit(transaction.encoded)) != nil else {
                unanswered += 1
                continue
            }
            accepted.append(Accepted(id: transaction.id(chain: chain, using: Blake2b()), since: Height(height)))
            nonces[sender] += 1
            return
        }
    }

    /// Whether a node has executed everything that was accepted.
    func isSettled(at client: NodeClient) -> Bool {
        accounts.indices.allSatisfy { index in
            ((try? client.account(accounts[index]))?.nonce ?? 0) >= nonces[index]
        }
    }

    /// How many of the accepted a node has found in blocks.
    func settledCount(at client: NodeClient) -> Int {
        accounts.indices.reduce(0) { sum, index in
            let executed = (try? client.account(accounts[index]))?.nonce ?? 0
            return sum + Int(clamping: min(executed, nonces[index]) - min(executed, firstNonces[index]))
        }
    }

    private static func identity(_ seed: UInt64, _ index: Int) -> AccountIdentity {
        AccountIdentity(seed: HomeMaker.derivedSeed(seed, UInt64(index), .account))
    }
}
