import CairnAttacks
import CairnBase
import CairnCrypto
import CairnStorage

extension Noun {
    static let attack = Noun(
        name: "attack", summary: "Play cheats against the rules, and show what they get", commands: [.attackStorage])
}

extension Command {
    private static let profile = Flag.choice(
        "profile", StorageProfile.allCases.map(\.rawValue), "Whose terms: solid unless given")
    private static let seeds = Flag.integer("seeds", "N", in: 1...10_000, "How many seeds, 20 unless given")
    private static let seed = Flag.integer("seed", "N", in: 0...(.max / 2), "The first of them, 1 unless given")
    private static let rounds = Flag.integer("rounds", "N", in: 1...10_000, "Rounds of every seed, 25 unless given")
    private static let speed = Flag.integer(
        "speed", "N", in: 1...1_000, "How many times as fast as the reference the cheat makes masks, 4 unless given")
    private static let labels = Flag.integer(
        "labels", "N", in: 64...16_384, "Labels of the mask whose shape is measured, all 16384 unless given")

    static let attackStorage = Command(
        path: ["attack", "storage"],
        summary: "Walk over partitions of cheats that do not keep what they are paid for",
        text: [
            "Rounds, draws, walks, masks and the tally of witnesses are those of a network; what a cheat's machine takes is a "
                + "model of it, always in the cheat's favour. Beside each row stands what the rules promise, or nothing "
                + "where they promise nothing: those are known limits. The exit code is 1 when a promise does not hold.",
            "The second table shows what a leaf costs a cheat that keeps only some labels of a mask, in parts of making the "
                + "whole mask: keeping less is worth it only where that is below the part that it saves.",
            "No node is asked, and nothing is written.",
        ],
        flags: [
            profile.declaration, seeds.declaration, seed.declaration, rounds.declaration, speed.declaration,
            labels.declaration,
        ],
        examples: [
            Example("cairn attack storage", "Plays all cheats against the terms for solid-state disks."),
            Example(
                "cairn attack storage --profile testnet --speed 1 --json", "Those of a test network, for a script."),
        ],
        exits: [.failed],
        run: { session in
            let invocation = session.invocation
            let terms = invocation[profile].flatMap { StorageProfile(rawValue: $0) } ?? .solid
            let first = invocation[seed] ?? 1
            let attack = StorageAttack(
                profile: terms, seeds: first..<(first + (invocation[seeds] ?? 20)), rounds: invocation[rounds] ?? 25,
                speed: invocation[speed] ?? 4, labels: Int(invocation[labels] ?? 16_384))
            let report = attack.run { session.note($0) }
            session.answer(report.fields, report.text(session.style))
            return report.holds ? .ok : .failed
        })
}

/// Everything that is played against one profile.
struct StorageAttack {
    let profile: StorageProfile
    let seeds: Range<UInt64>
    let rounds: UInt64
    let speed: UInt64
    let labels: Int

    func run(_ note: (String) -> Void) -> StorageAttackReport {
        let hash = Blake2b()
        let passes = profile.terms.passes
        let shape = MaskShape(from: .zero, labels: labels, passes: passes, using: hash)
        let ways = LabelSkipping.ways(passes: passes).map { way in
            (way, costPPM: way.costPPM(in: shape, leaves: 8, seed: seeds.lowerBound))
        }
        let cheapest = ways.filter { $0.0.keptPPM == 500_000 }.map(\.costPPM).min() ?? 1_000_000
        let trials = StorageTrial.all(of: profile, speed: speed, skippingPPM: cheapest)
        var rows: [StorageAttackReport.Row] = []
        for trial in trials {
            note("\(rows.count + 1)/\(trials.count)  \(trial.name)")
            if let tally = trial.run(profile, seeds: seeds, rounds: rounds, using: hash) { rows.append((trial, tally)) }
        }
        return StorageAttackReport(attack: self, rows: rows, ways: ways)
    }
}
