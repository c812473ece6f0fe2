/// Blocks of a thousand transfers, applied, given a root and made durable, over a small and a large state; beside them
/// SQLite inserting the same bytes and nothing else, and the signatures alone.
///
/// The times are means over whole rounds of the store, those blocks included that write what was put off.
func ledgerBench() -> [Figure] {
    do {
        var small = try LedgerRun(entries: 10_000)
        var large = try LedgerRun(entries: 1_000_000)
        return figures(small: try small.measured(), large: try large.measured())
    } catch {
        fatalError("the ledger benchmark could not run: \(error)")
    }
}

private func figures(small: LedgerTimes, large: LedgerTimes) -> [Figure] {
    let count = Double(LedgerRun.transfers)
    return [
        Figure(
            bench: "ledger", name: "transfers durable, 10^6", value: count / large.block, unit: "per s",
            limit: count / large.raw, limitName: "SQLite, same transactions", ratio: large.raw / large.block,
            better: .higher, target: 0.5),
        Figure(
            bench: "ledger", name: "transfers durable, 10^6", value: count / large.block, unit: "per s",
            limit: count / large.appended, limitName: "SQLite, rows appended", ratio: large.appended / large.block,
            better: .higher, target: 0.5),
        Figure(
            bench: "ledger", name: "transfers durable, 10^6", value: count / large.block, unit: "per s",
            limit: count / large.keyed, limitName: "SQLite, same rows by key", ratio: large.keyed / large.block,
            better: .higher, target: 1),
        Figure(
            bench: "ledger", name: "apply per transfer, 10^6", value: large.apply / count * 1e6, unit: "us", limit: 25,
            limitName: "bound", ratio: large.apply / count * 1e6 / 25, better: .lower, target: 1),
        Figure(
            bench: "ledger", name: "block over 10^6 entries", value: large.block * 1e3, unit: "ms",
            limit: small.block * 1e3, limitName: "over 10^4 entries", ratio: large.block / small.block, better: .lower,
            target: 1.5),
        Figure(
            bench: "ledger", name: "transfers durable, 10^6", value: count / large.block, unit: "per s",
            limit: count / large.verify, limitName: "Ed25519 verifies alone", ratio: large.verify / large.block,
            better: .higher, target: 1),
        Figure(
            bench: "ledger", name: "verdicts durable, 10^6", value: count / large.verdicts, unit: "per s",
            limit: count / large.verify, limitName: "Ed25519 verifies alone", ratio: large.verify / large.verdicts,
            better: .higher, target: 1),
        Figure(
            bench: "ledger", name: "longest of 500 proofs, 10^6", value: Double(large.proof), unit: "bytes",
            limit: 2048, limitName: "bound", ratio: Double(large.proof) / 2048, better: .lower, target: 1),
        Figure(
            bench: "ledger", name: "open over 10^6 entries", value: large.open * 1e3, unit: "ms", limit: 2000,
            limitName: "bound", ratio: large.open / 2, better: .lower, target: 1),
        Figure(
            bench: "ledger", name: "resident memory", value: large.memory, unit: "MiB", limit: 200, limitName: "bound",
            ratio: large.memory / 200, better: .lower, target: 1),
    ]
}

/// What one run came to: seconds per block, but for `open`, bytes and MiB.
struct LedgerTimes {
    var verify = 0.0
    var apply = 0.0
    /// Applied and stored.
    var block = 0.0
    /// The same rows in the same transactions, and all of them appended to one table instead.
    var raw = 0.0
    var appended = 0.0
    /// Of verdicts instead of transfers.
    var verdicts = 0.0
    var keyed = 0.0
    var open = 0.0
    var proof = 0
    var memory = 0.0
}
