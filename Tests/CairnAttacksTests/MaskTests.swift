import CSodium
import CairnAttacks
import CairnBase
import CairnCrypto
import CairnStorage
import Testing

@Suite struct MaskTests {
    private let hash = Blake2b()

    /// Why the output of Argon2id is no mask: whoever keeps 64 bytes of it gives every leaf back and is paid in full.
    @Test func anArgon2idMaskIsKeptInSixtyFourBytes() throws {
        let (password, salt) = (Array("a seed".utf8), [UInt8](repeating: 7, count: 16))
        var mask = [UInt8](repeating: 0, count: StorageUnits.unitBytes)
        // SAFETY: the library reads and writes as many bytes as it is told the arrays have.
        let status = unsafe crypto_pwhash(
            &mask, UInt64(mask.count), password.map { CChar(bitPattern: $0) }, UInt64(password.count), salt, 3,
            64 << 10,
            crypto_pwhash_ALG_ARGON2ID13)
        #expect(status == 0)

        let kept = Argon2id(blocks: 64, passes: 3).expansionSeed(password, salt: salt, length: mask.count)
        #expect(kept.count == 64)
        let chain = ExpansionChain(seed: kept, length: mask.count)
        for leaf in [0, 1, 511, 1023] {
            let range = (leaf * StorageUnits.leafBytes)..<((leaf + 1) * StorageUnits.leafBytes)
            #expect(chain.bytes(range) == Array(mask[range]))
        }

        let half = StorageUnits.unitBytes / 2
        let profile = StorageProfile.solid
        let whole = Pad.labelsPerUnit * profile.terms.passes
        let cost = UInt64(chain.hashes(to: half) * 1_000_000 / whole)
        #expect(try paid(profile, leafCosts: cost) == 1_000_000)
    }

    /// The same cheat against the mask that is used, keeping not 64 bytes but half of it.
    @Test func halfOfAPadSavesNextToNothing() throws {
        let profile = StorageProfile.solid
        let shape = MaskShape(from: .zero, labels: 512, passes: profile.terms.passes, using: hash)
        for way in LabelSkipping.ways(passes: profile.terms.passes) {
            let cost = way.costPPM(in: shape, leaves: 4, seed: 1)
            #expect(cost > 900_000, "\(way)")
            #expect(cost > 1_000_000 - way.keptPPM, "dropping as much would be no dearer than \(way)")
        }
        #expect(try paid(profile, leafCosts: 900_000) == 0)
    }

    private func paid(_ profile: StorageProfile, leafCosts ppm: UInt64) throws -> UInt64 {
        let trials = StorageTrial.all(of: profile, speed: 4, skippingPPM: ppm)
        let tally = try #require(trials.last?.run(profile, seeds: 1..<6, rounds: 1, using: hash))
        #expect(tally.rounds == 5)
        return tally.paidPPM
    }

    /// What must be made, against a search from label to label that remembers nothing but what it has made.
    @Test(arguments: 1...4) func onlyWhatIsNeededIsMade(passes: Int) {
        let labels = 32
        let shape = MaskShape(from: .zero, labels: labels, passes: passes, using: hash)
        // The first numbers of all labels, pass after pass, from masks of as many passes.
        let states = (1...passes).map { count -> [UInt64] in
            var growth = PadGrowth(from: .zero, labels: labels)
            for _ in 0..<count { growth.pass(using: hash) }
            return (0..<labels).map { growth.drawn($0) }
        }
        func made(_ wanted: Range<Int>, _ keeps: (Int, Int) -> Bool) -> Int {
            var done: Set<[Int]> = []
            var open = wanted.map { [passes - 1, $0] }
            while let node = open.popLast() {
                let (pass, label) = (node[0], node[1])
                guard pass >= 0, !keeps(pass, label), done.insert(node).inserted else { continue }
                let previous = label > 0 ? [pass, label - 1] : [pass - 1, labels - 1]
                let drawn = previous[0] < 0 ? 0 : states[previous[0]][previous[1]]
                let pick = Int(drawn % UInt64(pass > 0 ? labels : max(label, 1)))
                open += [previous, [pick < label ? pass : pass - 1, pick], [pass - 1, label]]
            }
            return done.count
        }
        for every in 2...5 {
            let keeps = { (pass: Int, label: Int) in pass >= passes - 2 && (pass + label) % every == 0 }
            #expect(shape.made(for: 16..<20, keeping: keeps) == made(16..<20, keeps))
        }
        #expect(shape.made(for: 0..<labels) { pass, _ in pass == passes - 1 } == 0)
        #expect(shape.made(for: 31..<32) { _, _ in false } <= labels * passes)
    }
}
