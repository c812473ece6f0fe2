import CairnBase
import CairnConsensus
import CairnCrypto
import CairnGossip
import CairnLedger
import CairnNode
import CairnWire
import CairnWitness

/// Checks signatures on a thread beside the loop, so that a burst of them delays no timer.
///
/// What comes in is answered in its order. How much of it may wait is limited for each peer, and what does not fit is
/// dropped: a peer says again what matters.
struct VerifyDesk {
    enum Job: Sendable {
        /// With the votes in it that were checked before.
        case message(ConsensusMessage, from: NodeID, MessageVerifier<Blake2b, SodiumConsensus>, checked: Set<Vote>)
        case payload(block: Digest, [Transaction])
        case transaction(Transaction, byteCount: Int, ticket: UInt64)
        case handoffs(LightClient, [Handoff], from: NodeID)
        case published(GossipMessage, Published, ticket: UInt64)
        case coverage(CoverageClaim)
        case receipts(WantedReceipts, [EndorsedReveal], from: NodeID)
        case audit(AuditClaim)
        case walkReceipts(WantedReceipts, [AuditClaim], from: NodeID)

        /// Whether a vote may wait for it. The others are checked on a thread of their own, so that a flood of what
        /// strangers publish delays nothing that makes a block final.
        var isUrgent: Bool {
            switch self {
            case .message, .payload, .handoffs, .receipts, .walkReceipts: true
            case .transaction, .published, .coverage, .audit: false
            }
        }
    }

    /// What a job is about, for those who count.
    enum Subject: String, Sendable, CaseIterable {
        case votes, proposal, certificates, question, payload, transaction, history, publication, coverage, storage
    }

    /// The signed content of a published message.
    enum Published: Sendable {
        case transaction(Transaction)
        case finality(ConsensusMessage, MessageVerifier<Blake2b, SodiumConsensus>)
        case coverage(CoverageClaim)
        case audit(AuditClaim)
    }

    enum PublishedVerdict: Sendable {
        /// The message is not its author's.
        case forged
        /// The content's own signatures are bad.
        case untrue
        case otherEpoch
        case overloaded
        case transaction(Verified<Transaction>)
        case finality(VerifiedMessage)
        case coverage(JudgeInput)
        case audit(Verified<SignedWalkReceipt>)
    }

    enum Answer: Sendable {
        case message(VerifiedMessage, from: NodeID)
        case refused(ChainPosition, from: NodeID, VerificationError)
        case payload(block: Digest, [Verified<Transaction>]?)
        case transaction(Verified<Transaction>?, byteCount: Int, ticket: UInt64)
        case handoffs(HandoffCheck)
        case published(PublishedVerdict, ticket: UInt64)
        /// Nil when a signature was bad.
        case coverage(JudgeInput?)
        /// Those whose signatures are good.
        case receipts(WantedReceipts, [VouchedReveal], from: NodeID)
        /// Nil when a signature or a proof was bad.
        case audit(Verified<SignedWalkReceipt>?)
        case walkReceipts(WantedReceipts, [Verified<SignedWalkReceipt>], from: NodeID)
    }

    /// A job, and whose part of the backlog it is.
    struct Question: Sendable {
        let job: Job
        let peer: NodeID?
        let byteCount: Int
    }

    struct Reply: Sendable {
        let answer: Answer
        let peer: NodeID?
        let byteCount: Int
    }

    private let verifier: Verifier

    init(chain: ChainID) {
        verifier = Verifier(chain: chain)
    }

    func reply(to question: Question) -> Reply {
        Reply(answer: answer(question.job), peer: question.peer, byteCount: question.byteCount)
    }

    private func answer(_ job: Job) -> Answer {
        switch job {
        case .message(let message, let node, let verifier, let checked):
            do throws(VerificationError) {
                return .message(try verifier.verify(message) { checked.contains($0) }, from: node)
            } catch {
                return .refused(message.position, from: node, error)
            }
        case .payload(let block, let transactions):
            let good = verifier.verify(transactions.map { Claim($0, by: $0.key) }).compactMap(\.self)
            return .payload(block: block, good.count == transactions.count ? good : nil)
        case .transaction(let transaction, let size, let ticket):
            return .transaction(
                verifier.verify(Claim(transaction, by: transaction.key)), byteCount: size, ticket: ticket)
        case .handoffs(let guide, let handoffs, let node):
            return .handoffs(HandoffCheck(handoffs, by: node, after: guide, hash: Blake2b(), using: SodiumConsensus()))
        case .published(let message, let content, let ticket):
            return .published(verdict(message, content), ticket: ticket)
        case .coverage(let claim): return .coverage(claim.checked(by: verifier))
        case .receipts(let wanted, let receipts, let node):
            return .receipts(wanted, receipts.compactMap { $0.vouched(by: verifier) }, from: node)
        case .audit(let claim): return .audit(claim.checked(by: verifier))
        case .walkReceipts(let wanted, let claims, let node):
            return .walkReceipts(wanted, claims.compactMap { $0.checked(by: verifier) }, from: node)
        }
    }
}

extension VerifyDesk {
    private func verdict(_ message: GossipMessage, _ content: Published) -> PublishedVerdict {
        guard Ed25519.isValid(message.signature, of: message.signedBytes, by: message.author.key) else {
            return .forged
        }
        switch content {
        case .transaction(let transaction):
            return verifier.verify(Claim(transaction, by: transaction.key)).map { .transaction($0) } ?? .untrue
        case .coverage(let claim): return claim.checked(by: verifier).map { .coverage($0) } ?? .untrue
        case .audit(let claim): return claim.checked(by: verifier).map { .audit($0) } ?? .untrue
        case .finality(let news, let verifier):
            do throws(VerificationError) {
                return .finality(try verifier.verify(news))
            } catch .unknownEpoch {
                return .otherEpoch
            } catch {
                return .untrue
            }
        }
    }
}

extension VerifyDesk.Job {
    var subject: VerifyDesk.Subject {
        switch self {
        case .message(let message, _, _, _):
            switch message.body {
            case .votes: .votes
            case .proposal: .proposal
            case .certificates: .certificates
            case .certificateRequest, .statusRequest, .status: .question
            }
        case .payload: .payload
        case .transaction: .transaction
        case .handoffs: .history
        case .published: .publication
        case .coverage, .receipts: .coverage
        case .audit, .walkReceipts: .storage
        }
    }
}

/// How much of each peer's messages waits to be checked.
struct VerifyBacklog {
    private static let messagesPerPeer = 512
    private static let bytesPerPeer = 8 << 20

    private var waiting: [NodeID: (messages: Int, bytes: Int)] = [:]

    /// Whether another message of a peer may wait.
    mutating func take(_ bytes: Int, from peer: NodeID) -> Bool {
        let now = waiting[peer] ?? (0, 0)
        guard now.messages < Self.messagesPerPeer, now.bytes + bytes <= Self.bytesPerPeer else {
            return false
        }
        waiting[peer] = (now.messages + 1, now.bytes + bytes)
        return true
    }

    mutating func done(_ bytes: Int, from peer: NodeID) {
        guard let now = waiting[peer] else { return }
        waiting[peer] = now.messages > 1 ? (now.messages - 1, now.bytes - bytes) : nil
    }
}
