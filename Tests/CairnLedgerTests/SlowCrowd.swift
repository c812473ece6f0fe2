import CairnBase
import CairnLedger
import CairnWire
import Testing

/// What a crowd comes to, written a second time from the verdicts alone: floating point where the rules have none, and
/// every cell counted anew for every member. Only the flow of trust is taken from the ledger.
struct SlowCrowd {
    struct Row { var period: UInt64, signal: Double, step: Double, isCalm: Bool }
    struct Name { var id: ResourceID, number: UInt32, cell: Cell, since: UInt64, trust: UInt64, island: UInt64 }

    private var rows: [[UInt32]: [Row]] = [:]
    private var beaconed: [UInt32: UInt64] = [:]
    private var witnessed: [UInt32: UInt64] = [:]
    private(set) var lookalikes: [UInt32: Set<UInt32>] = [:]
    private(set) var sharing: [UInt32: Int] = [:]

    mutating func settle(_ epoch: UInt64, _ verdicts: [CoverageVerdict], _ frozen: [FrozenResource]) {
        for verdict in verdicts {
            let target = frozen[Int(verdict.target)].number
            beaconed[target] = epoch
            for seat in verdict.seats {
                let witness = frozen[Int(seat.witness)].number
                let row = Row(
                    period: epoch, signal: Double(seat.signal), step: Double(seat.powerStep),
                    isCalm: seat.reasons.contains(.tooPerfect))
                rows[[target, witness]] = (rows[[target, witness], default: []] + [row]).suffix(32)
                if !row.isCalm { witnessed[witness] = epoch }
            }
        }
    }

    /// The end of a period: who is heard like whom by ten of the believed that are no twins themselves.
    mutating func findTwins(_ names: [Name], at period: UInt64) {
        var alike: [UInt32: Set<UInt32>] = [:]
        for one in names {
            for other in names where one.number < other.number {
                var differences: [Double] = []
                for witness in names where witness.trust >= 250_000 && sharing[witness.number, default: 1] == 1 {
                    guard let left = mean(one.number, witness.number, period),
                        let right = mean(other.number, witness.number, period)
                    else { continue }
                    differences.append(left - right)
                }
                guard differences.count >= 10 else { continue }
                let middle = differences.reduce(0, +) / Double(differences.count)
                let variance = differences.reduce(0) { $0 + ($1 - middle) * ($1 - middle) } / Double(differences.count)
                guard variance < 450 else { continue }
                alike[one.number, default: []].insert(other.number)
                alike[other.number, default: []].insert(one.number)
            }
        }
        let ties = alike.mapValues { $0 }.reduce(into: [UInt32: Set<UInt32>]()) { ties, entry in
            ties[entry.key] = entry.value.intersection(lookalikes[entry.key, default: []])
        }
        for name in names {
            var group: Set<UInt32> = [name.number]
            var size = 0
            while group.count != size {
                size = group.count
                for member in group { group.formUnion(ties[member, default: []]) }
            }
            sharing[name.number] = size
        }
        lookalikes = alike
    }

    private func mean(_ target: UInt32, _ witness: UInt32, _ period: UInt64) -> Double? {
        let known = rows[[target, witness], default: []].filter { $0.period + 18 > period }
        guard known.count >= 2 else { return nil }
        return known.reduce(0) { $0 + $1.signal + 30 * $1.step } / Double(known.count)
    }

    /// Whether all that a witness says lies within a decibel, over as many of its latest periods as hold sixteen reports.
    func isCalm(_ witness: UInt32, among names: [Name]) -> Bool {
        let all = names.flatMap { rows[[$0.number, witness], default: []] }
        for first in Set(all.map(\.period)).sorted(by: >) {
            let late = all.filter { $0.period >= first }.map(\.signal)
            guard late.count >= 16 else { continue }
            return late.reduce(-9_999, max) - late.reduce(9_999, min) <= 10
        }
        return false
    }

    func isReciprocal(_ name: Name, at epoch: UInt64) -> Bool {
        if name.since + 6 >= epoch { return true }
        let spoke = beaconed[name.number].map { $0 + 6 >= epoch } ?? (6 >= epoch)
        let heard = witnessed[name.number].map { $0 + 6 >= epoch } ?? (6 >= epoch)
        return spoke && heard
    }

    /// Density, then what twins leave of it.
    func scale(of name: Name, among names: [Name], at epoch: UInt64) -> UInt64 {
        let counted = names.filter {
            max($0.since, beaconed[$0.number] ?? 0, witnessed[$0.number] ?? 0) + 6 >= epoch
        }
        guard counted.contains(where: { $0.number == name.number }) else {
            return 1_000_000 / UInt64(sharing[name.number, default: 1])
        }
        let isIsland = name.trust < name.island
        let tables = tables(counted.map { (cell: $0.cell, weight: weight(of: $0, amongIslands: isIsland)) })
        var scale: UInt64 = 1_000_000
        for (level, table) in zip(Self.levels, tables) {
            guard let cell = name.cell.ancestor(at: level.0), let (all, kept) = table[cell], all > 0 else { continue }
            scale = scale * kept / all
        }
        return scale / UInt64(sharing[name.number, default: 1])
    }

    /// Islands are crowded by everybody at no less than the island rate, the trusted by what trust there is.
    private func weight(of name: Name, amongIslands: Bool) -> UInt64 {
        min(1_000_000, 4 * (amongIslands ? max(name.trust, name.island) : name.trust))
    }

    private static let levels: [(Int, UInt64, UInt64, UInt64)] = [
        (16, 2, 1, 1), (15, 2, 1, 1), (14, 2, 1, 1), (12, 4, 5, 10), (11, 4, 25, 50), (9, 4, 100, 200),
        (8, 2, 500, 1000),
    ]

    /// For each level what every cell comes to, before and after clipping.
    private func tables(_ weights: [(cell: Cell, weight: UInt64)]) -> [[Cell: (all: UInt64, kept: UInt64)]] {
        var tables: [[Cell: (all: UInt64, kept: UInt64)]] = []
        for (depth, some, target, most) in Self.levels {
            var counts: [Cell: UInt64] = [:]
            for cell in Set(weights.compactMap { $0.cell.ancestor(at: depth) }) {
                let below = tables.last?.filter { $0.key.ancestor(at: depth) == cell }.map(\.value.kept)
                let members = weights.filter { $0.cell.ancestor(at: depth) == cell }.map(\.weight)
                counts[cell] = (below ?? members).reduce(0, +)
            }
            tables.append(
                counts.reduce(into: [:]) { table, entry in
                    let full = UInt64(
                        ([entry.key] + entry.key.neighbours).count { counts[$0, default: 0] >= target * 1_000_000 })
                    let wide = full >= some ? full - some + 1 : 1
                    table[entry.key] = (entry.value, min(entry.value, min(most, target * wide) * 1_000_000))
                })
        }
        return tables
    }
}
