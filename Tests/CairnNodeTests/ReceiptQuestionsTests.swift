import CairnBase
import CairnCrypto
import CairnWitness
import Testing

@testable import CairnNode

/// Whom a validator asks for the receipts under verdicts, and when it was away.
@Suite struct ReceiptQuestionsTests {
    private static func digest(_ number: Int) -> Digest {
        Blake2b().digest(DomainTag("cn/test"), [UInt8(number / 256), UInt8(number % 256)])
    }

    private static func peer(_ number: Int) -> NodeID { NodeID(digest(60_000 + number).raw) }
    private static func wanted(_ number: Int) -> WantedReceipts {
        WantedReceipts(challenge: digest(number), root: digest(1_000 + number))
    }

    private let peers = (0..<5).map { Self.peer($0) }

    /// A peer takes two questions at a time; all the others come after them.
    @Test func everyRootIsAskedForInItsTurn() {
        var questions = ReceiptQuestions()
        for number in 0..<40 { questions.want(Self.wanted(number), of: peers[0]) }
        var answered: Set<WantedReceipts> = []
        var rounds = 0
        var open = questions.next([peers[0]])
        while !open.isEmpty {
            rounds += 1
            #expect(open.count <= ReceiptQuestions.perPeer)
            for question in open {
                #expect(question.peer == peers[0])
                answered.insert(question.receipts)
                questions.ended(question.receipts, by: question.peer)
            }
            open = questions.next([peers[0]])
        }
        #expect(answered == Set((0..<40).map { Self.wanted($0) }) && rounds == 20)
    }

    /// Who does not have them is not asked again; after three, nobody is.
    @Test func othersAreAskedWhereTheLeaderIsSilent() {
        var questions = ReceiptQuestions()
        questions.want(Self.wanted(1), of: peers[2])
        var asked: [NodeID] = []
        while let question = questions.next(peers).first {
            asked.append(question.peer)
            questions.ended(question.receipts, by: question.peer)
        }
        #expect(asked == [peers[2], peers[0], peers[1]])
    }

    @Test func nobodyIsAskedForWhatNoBlockNeeds() {
        var questions = ReceiptQuestions()
        for number in 0..<10 { questions.want(Self.wanted(number), of: peers[0]) }
        questions.keep(only: [Self.wanted(7)])
        func next() -> [ReceiptQuestions.Question] { questions.next(peers) }
        #expect(next().map(\.receipts) == [Self.wanted(7)])
        #expect(next().isEmpty)
        // A leader that is gone is not asked; others are.
        questions.want(Self.wanted(8), of: Self.peer(9))
        #expect(next() == [.init(receipts: Self.wanted(8), peer: peers[0])])
    }

    @Test func oneLostProposalIsNoAbsence() {
        var attendance = Attendance()
        func height(_ number: Int) -> Height { Height(UInt64(number)) }
        func isAway(_ block: Int, _ number: Int) -> Bool {
            attendance.wasAway(at: Self.digest(block), height(number))
        }
        func run(_ heard: [Bool]) -> [Bool] {
            heard.enumerated().map { number, isHeard in
                if isHeard { attendance.hear(Self.digest(number), at: height(number)) }
                return isAway(number, number)
            }
        }
        #expect(run([true, false, true, true, false, true]).allSatisfy { !$0 })
        #expect(run([false, false, true, false, false]) == [false, true, false, false, true])
        // Another proposal of the same height is not the block that became final.
        attendance.hear(Self.digest(500), at: height(9))
        #expect(isAway(501, 9))
        // A flood of proposals costs nothing but the lowest.
        for number in 1_000..<3_000 { attendance.hear(Self.digest(number), at: height(number)) }
        #expect(!isAway(2_999, 2_999))
    }

    /// Whoever claims an epoch far ahead and answers nothing rests, and rests on when it comes back.
    @Test func aRestOutlastsALink() {
        var book = SyncPeers()
        let now = Instant.origin + .seconds(5)
        func pick(claiming epoch: Epoch = Epoch(0), _ later: TimeSpan = .zero) -> NodeID? {
            book.pick(claiming: epoch, at: now + later)
        }
        book.join(peers[0])
        book.note(peers[0], claims: Epoch(1_000))
        #expect(book.furthestClaim(at: now) == Epoch(1_000))
        #expect(pick(claiming: Epoch(1_000)) == peers[0])
        book.disappointed(peers[0], at: now)
        book.leave(peers[0])
        book.join(peers[0])
        book.note(peers[0], claims: Epoch(1_000))
        #expect(pick(.milliseconds(500)) == nil)
        #expect(pick(.seconds(2)) == peers[0])
        book.disappointed(peers[0], at: now + .seconds(2))
        book.leave(peers[0])
        book.join(peers[0])
        #expect(pick(.milliseconds(3_500)) == nil, "the second rest is twice as long")
        // Who left in good standing comes back in it.
        book.join(peers[1])
        #expect(pick() == peers[1])
        book.answered(peers[1])
        book.leave(peers[1])
        book.join(peers[1])
        #expect(pick() == peers[1])
    }
}
