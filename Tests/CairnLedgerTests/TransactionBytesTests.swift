import CairnBase
import CairnCrypto
import CairnLedger
import CairnWire
import Testing

@Suite struct TransactionBytesTests {
    static let chain = ChainID(repeated(9))

    /// One of each kind, so that a kind without an encoding cannot slip through.
    static let actions: [Action] = {
        let zero = Signature(r: repeated(5), s: repeated(6))
        let keys = ValidatorKeys(
            node: NodeID(repeated(1)), vote: PublicKey(repeated(2)), randomness: VRFPublicKey(repeated(3)))
        let votes = [3, 4].map { Contradiction.Vote(kind: .finalize, block: Digest(repeated($0)), signature: zero) }
        let contradiction = Contradiction(key: keys.vote, epoch: Epoch(7), view: View(8), votes[0], votes[1])
        return [
            .transfer(to: account(2), amount: Amount(units: 5)), .bond(.one), .unbond(.one), .withdraw,
            .apply(Candidacy(keys: keys, voteProof: zero, nodeProof: zero)), .resign, .rotate(to: keys.vote),
            .retire(ResourceID(repeated(1))), .back(ResourceID(repeated(1)), with: .one),
            .unback(ResourceID(repeated(1)), by: .one),
        ] + ResourceSamples.actions + (contradiction.map { [Action.accuse($0)] } ?? [])
    }()

    @Test func everyKindIsSampled() {
        #expect(Set(Self.actions.map(\.kind)) == Set(Action.Kind.allCases))
    }

    @Test(arguments: actions)
    func bytesMeanOneTransaction(action: Action) throws {
        for key in [nil, PublicKey(repeated(44))] {
            let bytes = Transaction.vouched(from: account(1), nonce: 3, chain: Self.chain, key: key, action).value
                .encoded
            #expect(bytes.count <= Transaction.byteCountMax)
            let decoded = try Transaction.decode(bytes, limit: Transaction.byteCountMax)
            #expect(decoded.action == action)
            #expect(decoded.encoded == bytes)
            for count in bytes.indices {
                #expect(throws: DecodeError.self) { try Transaction.decode(Array(bytes[..<count]), limit: 4096) }
            }
            #expect(throws: DecodeError.trailing(count: 1)) { try Transaction.decode(bytes + [0], limit: 4096) }
        }
    }

    @Test func foreignBytesAreRefused() throws {
        let bytes = Transaction.vouched(from: account(1), nonce: 3, chain: Self.chain, .withdraw).value.encoded
        var version = bytes
        version[0] = 2
        #expect(throws: DecodeError.unknown("transaction version", 2)) { try Transaction.decode(version, limit: 4096) }
        var kind = bytes
        kind[kind.count - 65] = 200
        #expect(throws: DecodeError.unknown("action", 200)) { try Transaction.decode(kind, limit: 4096) }
        // The account's own key has one form: not written.
        let long = [bytes[0]] + bytes[1..<37] + [1] + repeated(1).bytes + bytes[38...]
        #expect(throws: DecodeError.notCanonical("transaction key")) { try Transaction.decode(long, limit: 4096) }
    }

    /// The edge vouches for the sender's signature and for those inside, on this chain and for this use only.
    @Test func allSignaturesCount() throws {
        let sender = SecretKey(seed: Seed(known: repeated(1)))
        let vote = SecretKey(seed: Seed(known: repeated(2)))
        let node = SecretKey(seed: Seed(known: repeated(3)))
        let account = AccountID(sender.publicKey)
        let keys = ValidatorKeys(
            node: NodeID(node.publicKey), vote: vote.publicKey, randomness: VRFPublicKey(repeated(9)))
        let proven = Candidacy.body(keys, of: account)
        let good = Candidacy(
            keys: keys, voteProof: vote.sign(proven, tag: Candidacy.domain, chain: Self.chain),
            nodeProof: node.sign(proven, tag: Candidacy.domain, chain: Self.chain))
        let stolen = Candidacy(
            keys: keys, voteProof: sender.sign(proven, tag: Candidacy.domain, chain: Self.chain),
            nodeProof: good.nodeProof)
        for (candidacy, isGood) in [(good, true), (stolen, false)] {
            let body = Transaction.Body(
                chain: Self.chain, sender: account, nonce: 0, fee: .zero, expiry: Height(9), action: .apply(candidacy))
            let transaction = Transaction(body, signature: sender.sign(body.signedBytes(chain: Self.chain)))
            let claim = Claim(transaction, by: transaction.key)
            #expect((Verifier(chain: Self.chain).verify(claim) != nil) == isGood)
            #expect(Verifier(chain: ChainID(repeated(8))).verify(claim) == nil)
        }
    }

    @Test func onlyContradictionsAreEvidence() {
        let zero = Signature(r: .zero, s: .zero)
        let kinds = Contradiction.VoteKind.allCases
        for (left, right) in kinds.flatMap({ left in kinds.map { (left, $0) } }) {
            for isSameBlock in [true, false] {
                let first = Contradiction.Vote(kind: left, block: Digest(repeated(1)), signature: zero)
                let second = Contradiction.Vote(
                    kind: right, block: Digest(repeated(isSameBlock ? 1 : 2)), signature: zero)
                let isOffence =
                    switch (left, right) {
                    case (.notarize, .notarize), (.finalize, .finalize): !isSameBlock
                    case (.nullify, .finalize), (.finalize, .nullify): true
                    default: false
                    }
                let value = Contradiction(
                    key: PublicKey(repeated(1)), epoch: Epoch(0), view: View(1), first, second)
                #expect((value != nil) == isOffence, "\(left) \(right) \(isSameBlock)")
            }
        }
    }
}
