import CairnBase

/// Every attack of the catalogue that concerns coverage.
extension AttackTrial {
    public static let all: [AttackTrial] = places + voices + signals + leaders

    /// Devices, names and places that are not what they seem.
    private static let places: [AttackTrial] = [
        .income("20 on one roof", atMost: 0.065) { RoofCluster() },
        .income("5 behind one antenna", atMost: 0.26) { Twins() },
        .income("100 witnesses, one root", atMost: 0.013) { WitnessStuffing() },
        .income("squatters", atMost: 0) { Squatters() },
        .left("squatters", atLeast: 0.9, victims: Squatters.victims) { Squatters() },
        .income("new name each 20 epochs", atMost: 0.25, devices: 1) { Reregistration() },
        .income("new name, slow vetting", atMost: 0.25, devices: 1, after: 60, in: Reregistration.slowlyVetted) {
            Reregistration(begins: Epoch(60))
        },
        .income("lone gateway", atMost: 0.10) { LoneGateway() },
        .income("ring of 30, no link", atMost: 0.10) { SpoofedRing(links: 0) },
        .income("ring of 30, 3 links", atMost: 0.10) { SpoofedRing(links: 3) },
        .income("ring of 30, 10 links", atMost: 0.30) { SpoofedRing(links: 10) },
    ]

    /// What gateways say they heard.
    private static let signals: [AttackTrial] = [
        .income("strength rewritten", atMost: 0.25) { StrengthRewriter(to: -1_000) },
        .income("tunnel to 30 km", atMost: 0.05) { Tunnel(metres: 30_000) },
        .income("tunnel to 12 km", atMost: 0.05) { Tunnel(metres: 12_000) },
        .income("replay", atMost: 0) { Replay() },
    ]

    /// What gateways publish.
    private static let voices: [AttackTrial] = [
        .income("copying", atMost: 0) { Copier() },
        .income("stuffed reveals", atMost: 0) { StuffedReveals() },
        .left("stuffed reveals", atLeast: 0.95) { StuffedReveals() },
        .income("free abort", atMost: 1.1) { FreeAbort() },
        .left("free abort", atLeast: 0.95) { FreeAbort() },
        .left("framing by 2 of 7", atLeast: 0.9, victims: [Framers.victim]) { Framers() },
    ]

    /// What leaders of blocks propose.
    private static let leaders: [AttackTrial] = [
        .income("receipt-picking leader", atMost: 1.1) { ReceiptPicker() },
        .left("receipt-picking leader", atLeast: 0.95) { ReceiptPicker() },
        .left("silent leader", atLeast: 0.95) { SilentLeader() },
    ]
}
