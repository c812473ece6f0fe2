import CairnBase
import CairnCrypto
import CairnWire
import Testing

@Suite struct VerifierTests {
    struct Note: Signed, Equatable {
        var domain: DomainTag = DomainTag("cn/note")
        var body: [UInt8]
        var signature: Signature
        var signedBody: [UInt8] { body }
    }

    private let chain = ChainID(SecureRandom.bytes32())

    private func note(_ body: [UInt8], by key: borrowing SecretKey) -> Note {
        Note(body: body, signature: key.sign(body, tag: DomainTag("cn/note"), chain: chain))
    }

    @Test func onlyTheSignerTheUseAndTheChainOfAStatementVerify() {
        let key = SecretKey.generate()
        let signer = key.publicKey
        let verifier = Verifier(chain: chain)
        let note = note([1, 2], by: key)
        let verified = verifier.verify(Claim(note, by: signer))
        #expect(verified?.value == note)
        #expect(verified?.signer == signer)

        #expect(verifier.verify(Claim(note, by: SecretKey.generate().publicKey)) == nil)
        var altered = note
        altered.body = [1, 3]
        #expect(verifier.verify(Claim(altered, by: signer)) == nil)
        altered = note
        altered.domain = DomainTag("cn/other")
        #expect(verifier.verify(Claim(altered, by: signer)) == nil)
        let elsewhere = Verifier(chain: ChainID(SecureRandom.bytes32()))
        #expect(elsewhere.verify(Claim(note, by: signer)) == nil)
    }

    @Test func aBatchIsAnsweredInOrder() {
        let key = SecretKey.generate()
        var queue = BatchVerifier<Note>(Verifier(chain: chain), capacity: 6)
        let bad = Note(body: [0], signature: key.sign([0]))
        let first = [note([1], by: key), bad, note([2], by: key)].map { Claim($0, by: key.publicKey) }
        let second = [bad, note([3], by: key)].map { Claim($0, by: key.publicKey) }
        let taken = [queue.submit(first), queue.submit(second), queue.submit(second)]
        #expect(taken == [true, true, false], "a batch above the capacity is refused whole")
        #expect(queue.waiting == 5)

        var answers = [bodies(queue.next())]
        let again = queue.submit(second)
        #expect(again)
        for _ in 0..<3 { answers.append(bodies(queue.next())) }
        #expect(answers == [[[1], nil, [2]], [nil, [3]], [nil, [3]], nil])
        #expect(queue.waiting == 0)
    }

    private func bodies(_ answers: [Verified<Note>?]?) -> [[UInt8]?]? {
        answers?.map { $0?.value.body }
    }
}
