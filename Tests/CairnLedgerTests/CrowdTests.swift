import CairnBase
import CairnLedger
import CairnWire
import Testing

/// Twins, both passes of density, calm witnesses and reciprocity, as the ledger freezes them, against a slow model that
/// sees only the verdicts.
@Suite struct CrowdTests {
    @Test(arguments: [1, 2] as [UInt64]) func everyFrozenSetIsPredicted(seed: UInt64) throws {
        var run = try CrowdRun(seed: seed)
        var crowd = SlowCrowd()
        var met = Met()
        for epoch in 0..<26 as Range<UInt64> {
            for _ in 0..<30 { _ = try run.step() }
            if epoch >= 2 { crowd.settle(epoch - 2, run.verdicts[epoch - 2] ?? [], run.frozen[epoch - 2] ?? []) }
            let names = try names(in: run.state)
            crowd.findTwins(names, at: epoch)
            for row in try run.load(epoch + 2) {
                let name = try #require(names.first { $0.id == row.id })
                let track = try #require(try run.state.load(.track(row.number)))
                let at = "epoch \(epoch), name \(row.offer.radio?.eui ?? 0)"
                try #require(Set(track.lookalikes) == crowd.lookalikes[row.number, default: []], "\(at)")
                try #require(Int(track.sharing) == crowd.sharing[row.number, default: 1], "\(at)")
                try #require(UInt64(row.scale) == crowd.scale(of: name, among: names, at: epoch), "\(at)")
                try #require(row.flags.contains(.isReciprocal) == crowd.isReciprocal(name, at: epoch), "\(at)")
                try #require(row.flags.contains(.isIsland) == (name.trust < name.island), "\(at)")
                let isCalm = crowd.isCalm(row.number, among: names)
                try #require(row.reasons.contains(.tooPerfect) == isCalm, "\(at)")
                try #require(row.reasons.contains(.twin) == (track.sharing > 1), "\(at)")
                met.note(row, track)
            }
            #expect(names.count == (epoch < 4 ? 18 : epoch < 14 ? 24 : 23))
        }
        met.expectAll()
    }

    private func names(in state: MemoryState) throws -> [SlowCrowd.Name] {
        let count = try state.load(RecordKey<Count>.resourceCount)?.value ?? 0
        return try (0..<UInt32(count)).compactMap { number -> SlowCrowd.Name? in
            let id = try #require(try state.load(.resourceName(number))).id
            let resource = try #require(try state.load(.resource(id)))
            let track = try #require(try state.load(.track(number)))
            guard !resource.isRetired else { return nil }
            return SlowCrowd.Name(
                id: id, number: number, cell: try #require(Cell(resource.site.position, level: 16)),
                since: resource.since.number, trust: track.trust, island: 100_000)
        }
    }
}

/// What has to have happened for the comparison to mean anything.
private struct Met {
    private var isTwin: Set<UInt8> = []
    private var once: Set<UInt8> = []
    private var oneSided: Set<UInt8> = []
    private var calm: Set<UInt8> = []
    private var crowdedSquatters = 0
    private var crowdedHonest: Set<UInt8> = []

    mutating func note(_ row: FrozenResource, _ track: Track) {
        let name = UInt8(truncatingIfNeeded: row.offer.radio?.eui ?? 0)
        if track.sharing > 1 { isTwin.insert(name) }
        if track.sharing == 1, !track.lookalikes.isEmpty { once.insert(name) }
        if !row.flags.contains(.isReciprocal) { oneSided.insert(name) }
        if row.reasons.contains(.tooPerfect) { calm.insert(name) }
        if row.scale < 1_000_000, track.sharing == 1 {
            if CrowdRun.squatters.contains(name) { crowdedSquatters += 1 } else { crowdedHonest.insert(name) }
        }
    }

    func expectAll() {
        #expect(isTwin.isSuperset(of: CrowdRun.twins), "all names of the antenna share")
        #expect(!once.isEmpty, "some looked alike once only")
        #expect(oneSided.isSuperset(of: [CrowdRun.mute, CrowdRun.rewriter]), "mute, and calm, are one-sided")
        #expect(calm == [CrowdRun.rewriter])
        #expect(crowdedSquatters > 0, "names without trust crowd each other")
        #expect(crowdedHonest.isDisjoint(with: [1, 2]), "and not those whose places they took")
    }
}
