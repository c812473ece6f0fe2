import CairnBase

/// Ten thousand blocks behind, two of five peers lying: the slowest of all pairs of lies, beside the chain's own speed.
///
/// The chain makes a block in a second, as a testnet does; beside it stands the fastest that ten regions allow, with five.
func catchUpFigures(_ signed: SignedChain) -> [Figure] {
    var slowest = TimeSpan.zero
    var name = ""
    var isThere = true
    let start = ContinuousClock.now
    var runs = 0.0
    for (place, one) in PeerLie.allCases.enumerated() {
        for other in PeerLie.allCases.dropFirst(place) {
            var run = CatchUpRun(signed, lies: [one, other])
            let span = run.run(within: .seconds(10_000))
            let wrongly = run.distrusted.contains { $0 >= 2 }
            isThere = isThere && span != nil && run.isInOrder && !wrongly
            if let span, span > slowest { (slowest, name) = (span, "\(one.rawValue), \(other.rawValue)") }
            runs += 1
        }
    }
    let wall =
        Double((ContinuousClock.now - start).components.attoseconds) / 1e18
        + Double((ContinuousClock.now - start).components.seconds)
    let seconds = Double(slowest.nanoseconds) / 1e9
    let speed = isThere && seconds > 0 ? Double(signed.blocks.count) / seconds : 0
    let behind = "\(signed.blocks.count) behind (\(name))"
    return [
        speeds(behind, speed, chain: 1, "a block a second"), speeds(behind, speed, chain: 5, "as fast as ten regions"),
        Figure(
            bench: "consensus", name: "catching up, wall time", value: wall / runs, unit: "s/run", limit: seconds,
            limitName: "simulated", ratio: seconds > 0 ? wall / runs / seconds : .infinity, better: .lower, target: 1),
    ]
}

private func speeds(_ name: String, _ speed: Double, chain: Double, _ limitName: String) -> Figure {
    Figure(
        bench: "consensus", name: name, value: speed, unit: "blocks/s", limit: chain, limitName: limitName,
        ratio: speed / chain, better: .higher, target: 10)
}
