import CairnBase
import CairnCrypto
import CairnLedger
import CairnWire
import Glibc
import Testing

@testable import CairnRuntime

/// What a node has seen of validators that vote twice, on its disk.
@Suite struct EvidenceFileTests {
    /// What was kept is kept once, a damaged file is left aside, and what cannot be written waits.
    @Test func evidenceIsKeptOnceAndNeverLost() throws {
        let folder = try TemporaryFolder()
        let file = EvidenceFile(home: folder.path)
        #expect(try file.read().isEmpty)
        let zero = Signature(r: .zero, s: .zero)
        let made = try (UInt64(0)...300).map { epoch in
            let votes = [1, 2].map { number in
                Contradiction.Vote(
                    kind: .notarize, block: Blake2b().digest(DomainTag("cn/test"), [number]), signature: zero)
            }
            return try #require(
                Contradiction(
                    key: PublicKey(.zero), epoch: Epoch(epoch), view: View(3), votes[0], votes[1]))
        }
        #expect(try file.add([made[0], made[1]]).new == made.prefix(2).map(\.self))
        #expect(try file.add([made[0], made[0]]).new.isEmpty)
        #expect(try file.read() == made.prefix(2).map(\.self))
        let bytes = try SmallFile.read(folder.path + "/evidence", limit: 1 << 20)
        try SmallFile.replace(folder.path + "/evidence", with: bytes.dropLast())
        #expect(throws: EvidenceFile.Refusal.self) { try file.read() }
        #expect(try file.add([made[1]]).new == [made[1]])
        #expect(try SmallFile.read(folder.path + "/evidence.damaged", limit: 1 << 20) == bytes.dropLast())

        // Old epochs make room, for new ones only.
        #expect(try file.add(made).new.count == 300)
        #expect(try file.read().count == EvidenceFile.limit && file.read().last == made.last)
        #expect(throws: EvidenceFile.Refusal.full) { try file.add([made[0]]) }

        var keeper = EvidenceKeeper(EvidenceFile(home: folder.path + "/later"))
        keeper.take(made[0])
        keeper.take(made[0])
        #expect(throws: EvidenceFile.Refusal.self) { try keeper.write() }
        #expect(keeper.waiting == [made[0]] && keeper.fates == (kept: 0, failed: 1, dropped: 0))
        #expect(mkdir(folder.path + "/later", 0o700) == 0)
        #expect(try keeper.write() == [made[0]])
        #expect(keeper.waiting.isEmpty && keeper.fates.kept == 1)
        #expect(keeper.held == 1 && keeper.open == 1)
        keeper.close([made[0]])
        #expect(keeper.held == 1 && keeper.open == 0, "the chain punishes nobody twice")
        keeper.take(made[1])
        #expect(try keeper.write() == [made[1]])
        #expect(keeper.held == 2 && keeper.open == 1)
        try SmallFile.replace(folder.path + "/later/evidence", with: [1])
        let unreadable = EvidenceKeeper(EvidenceFile(home: folder.path + "/later"))
        #expect(unreadable.held == nil && unreadable.open == nil)
    }
}
