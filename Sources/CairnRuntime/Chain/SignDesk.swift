public import CairnBase
import CairnConsensus
public import CairnCrypto
import CairnStore

/// The validator's keys and its sign log, on a thread of their own: the only place where votes are signed.
///
/// A vote is signed, written with what it rests on, and synced; only then is its signature told to anyone. An error is
/// final: every later job is answered with it, and the node stops.
final class SignDesk {
    enum Job: Sendable {
        case persist(Persist)
        case status(StatusAnswer, to: NodeID)
    }

    enum Answer: Sendable {
        case durable(token: UInt64, Signature?)
        case status(Status, to: NodeID)
        case failed(SignLogError)
    }

    private let chain: ChainID
    private let keys: SharedValidatorKeys
    private let log: SignLog

    init(chain: ChainID, keys: SharedValidatorKeys, log: SignLog) {
        self.chain = chain
        self.keys = keys
        self.log = log
    }

    func handle(_ job: Job) -> Answer {
        switch job {
        case .persist(let persist):
            let signature = persist.sign.map { keys.identity.key.sign($0.signedBytes(chain: chain)) }
            do throws(SignLogError) {
                try log.append(
                    SignRecords.entries(of: persist, signature, at: log.floor),
                    floor: SignRecords.floor(after: persist, from: log.floor))
            } catch {
                return .failed(error)
            }
            return .durable(token: persist.token, signature)
        case .status(let answer, let node):
            let signature = keys.identity.key.sign(answer.statement.signedBytes(chain: chain))
            return .status(answer.signed(signature), to: node)
        }
    }
}

/// A validator's keys, used by the signing thread and by the loop, which proves randomness with them.
public final class SharedValidatorKeys: Sendable {
    let identity: ValidatorIdentity

    public init(_ identity: consuming ValidatorIdentity) {
        self.identity = identity
    }

    public var vote: PublicKey { identity.key.publicKey }
    public var randomness: VRFPublicKey { identity.vrf.publicKey }
}
