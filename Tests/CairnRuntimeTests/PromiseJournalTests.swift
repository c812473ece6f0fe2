import CairnBase
import CairnCrypto
import CairnWire
import CairnWitness
import Testing

@testable import CairnRuntime

@Suite struct PromiseJournalTests {
    private func promise(_ number: Int, at height: UInt64) throws -> Promise {
        let receipt = RadioReceipt(
            challenge: Digest(try #require(Bytes32([UInt8](repeating: UInt8(truncatingIfNeeded: number), count: 32)))),
            witness: PublicKey(.zero), payload: PayloadHash(of: [1], using: Blake2b()),
            reception: Reception(
                payload: [1], frequency: 868_100_000, spreading: 7, bandwidth: 0, strength: -900, signalStrength: nil,
                signalToNoise: 60, counter: 0, fineTime: nil), eui: 7)
        let opening = try #require(Opening(receipt: receipt, salt: [UInt8](repeating: 9, count: Opening.saltCount)))
        return Promise(height: Height(height), opening: opening, witness: 3)
    }

    @Test func promisesSurviveAndACutRecordIsNone() throws {
        let directory = try TemporaryFolder()
        let journal = try PromiseJournal(directory: directory.path)
        let kept = [try promise(1, at: 40), try promise(2, at: 41)]
        for promise in kept { try journal.keep(promise) }
        let path = directory.path + "/promises.journal"
        let whole = try SmallFile.read(path, limit: 1 << 20)
        #expect(try PromiseJournal(directory: directory.path).promises == kept)
        for cut in [1, 20, whole.count / 2 - 1] {
            try SmallFile.replace(path, with: Array(whole.dropLast(cut)))
            #expect(try PromiseJournal(directory: directory.path).promises == Array(kept.prefix(1)))
        }
        var damaged = whole
        damaged[whole.count / 2 + 30] ^= 1
        try SmallFile.replace(path, with: damaged)
        #expect(try PromiseJournal(directory: directory.path).promises == Array(kept.prefix(1)))
    }

    /// What is over is dropped when the file has grown; what is open never is.
    @Test func theFileStaysSmall() throws {
        let directory = try TemporaryFolder()
        let journal = try PromiseJournal(directory: directory.path)
        for number in 0..<1_200 { try journal.keep(try promise(number, at: UInt64(40 + number / 4))) }
        let again = try PromiseJournal(directory: directory.path)
        #expect(again.promises.count < 400)
        #expect(again.promises.count { $0.height.number >= 40 + 290 } == 40)
    }
}
