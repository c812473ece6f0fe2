import CairnBase
import CairnLedger

/// What coverage costs a network of so many gateways in bytes, on the chain and by gossip: measured over blocks of a
/// simulated network on the main network's terms, in towns of twenty that hear each other, and taken for a day.
///
/// Gateways are past their vetting and are challenged once an epoch. All of them hear nearly all of their town, which is
/// the dear case: what is said of a challenge grows with who hears it.
public struct CoverageCost: Sendable {
    public let gateways: Int
    /// That were looked at.
    public let blocks: UInt64
    public let challenges: Double
    /// Of verdicts, in blocks: a day's, like all that follow.
    public let onChain: Double
    public let messages: Double
    /// Of what gateways say, each message once. It is what one validator takes in, if nothing comes to it twice.
    public let byGossip: Double

    /// - Parameter blocks: to look at, at most what an epoch has left when the first verdicts are in.
    public init(gateways: Int, blocks: UInt64, seed: UInt64) throws {
        var plan = TownPlan()
        plan.gateways = gateways
        plan.towns = max(1, gateways / Self.inTown)
        plan.anchors = 1
        plan.parameters = Parameters(.main)
        plan.profiles = ProfileRules.templates(.main)
        for parameter in [Parameter.vettingVerdicts, .vettingPeriods] { _ = plan.parameters.set(parameter, to: 0) }
        var town = try CoverageTown(Nobody(), plan: plan, seed: seed)
        // The first epoch with challenges, and the blocks until every window of its first is over.
        let first = plan.parameters.firstHeight(of: Epoch(2)).advanced(by: Self.windows)
        try town.run(to: first)
        let before = town.report
        let last = min(first.advanced(by: blocks), plan.parameters.lastHeight(of: Epoch(2)))
        try town.run(to: last)
        let looked = last.number - first.number
        self.gateways = gateways
        self.blocks = looked
        let perDay = Double(Self.day) / Double(plan.parameters[.blockPace]) / Double(max(1, looked))
        challenges = perDay * Double(town.report.verdicts - before.verdicts)
        onChain = perDay * Double(town.report.verdictBytes - before.verdictBytes)
        messages = perDay * Double(town.report.messages - before.messages)
        byGossip = perDay * Double(town.report.messageBytes - before.messageBytes)
    }

    private static let inTown = 20
    private static let windows: UInt64 = 40
    /// In milliseconds.
    private static let day = 86_400_000
}

/// A network without an attacker.
private struct Nobody: CoverageAttack {}
