import CairnWire

extension Explanation {
    /// What a coverage verdict or report can give as reasons, by number.
    public static let coverage: [Explanation] = [
        Explanation(
            .noBeacon, "NO_BEACON",
            "The gateway was challenged and did not prove its beacon in time.",
            "Keep the node and its packet forwarder running and connected: the proof is due 5 to 8 "
                + "blocks after the challenge."),
        Explanation(
            .late, "LATE",
            "The commit came more than 5 blocks after the challenge, was missing, or does not fit the "
                + "receipt that was opened.",
            "Check the node's connection and that its newest block keeps up with the network's."),
        Explanation(
            .payload, "PAYLOAD",
            "The payload that was reported is not the one that the beacon had to carry.",
            "Nothing, if another gateway was challenged in the same block. Otherwise the packet "
                + "forwarder alters or replays frames."),
        Explanation(
            .channel, "CHANNEL",
            "The frequency is more than 100 kHz off, or the bandwidth is not 125 kHz.",
            "Set the channel plan of the region that the gateway is registered in."),
        Explanation(
            .spreadingFactor, "SF",
            "The spreading factor is not the one that the beacon had to use.",
            "Update or replace the packet forwarder: it reports a wrong data rate."),
        Explanation(
            .duplicate, "DUPLICATE",
            "Another receipt of the same gateway, stake root, controller or network counts already.",
            "Gateways that one party owns, or that share a /24 or /48, count once per challenge; "
                + "place them further apart in ownership or network."),
        Explanation(
            .oneself, "SELF",
            "Witness and beaconer belong to the same controller or stake root.",
            "Only gateways of others can confirm a place."),
        Explanation(
            .region, "REGION",
            "Witness and beaconer are registered in different radio regions.",
            "Register the region in which the gateway really stands."),
        Explanation(
            .tooNear, "TOO_NEAR",
            "The witness stands less than 300 m from the beaconer.",
            "Move one of them: what is heard next door proves nothing about coverage."),
        Explanation(
            .tooFar, "TOO_FAR",
            "The witness is registered further away than any beacon counts.",
            "Check both registered positions."),
        Explanation(
            .freeSpace, "FREE_SPACE",
            "The signal is stronger than it could be after so much empty space.",
            "Check the registered position and antenna gain; report the true signal strength."),
        Explanation(
            .noise, "NOISE",
            "Signal strength, noise and their ratio do not fit together.",
            "Let the packet forwarder report what the radio measured: attenuators and rewritten "
                + "values do this."),
        Explanation(
            .signalToNoise, "SNR_LIMIT",
            "No LoRa receiver can decode this spreading factor at this ratio of signal to noise.",
            "Update the packet forwarder: it reports values that a radio cannot measure."),
        Explanation(
            .time, "TIME",
            "The beacon arrived at a time that contradicts the distances to most other witnesses.",
            "Check the registered position and that the radio's clock is locked to its satellite "
                + "receiver."),
        Explanation(
            .roundTrip, "RTT",
            "The two answer each other faster than their registered distance allows.",
            "Register the position in which the gateway really stands."),
        Explanation(
            .pairCap, "PAIR_CAP",
            "The same two met more than three times in this epoch; further meetings earn nothing.",
            "Nothing is wrong. More distinct neighbours earn more than many meetings with one."),
        Explanation(
            .sameNetwork, "SAME_SUBNET",
            "Witness and beaconer declare the same /24 or /48.",
            "Connect the gateways through different networks, or declare the right one."),
        Explanation(
            .notDrawn, "NOT_DRAWN",
            "The receipt is true, but all seats went to others.",
            "Nothing is wrong. Seats are drawn after all receipts are in, the trusted first."),
        Explanation(
            .noQuorum, "NO_QUORUM",
            "Too few independent receipts for the challenge to count.",
            "Better antenna, or more neighbours of other owners within reach."),
        Explanation(
            .notIndependent, "NOT_INDEPENDENT",
            "Too few of the witnesses are trusted by anybody but the beaconer's own controller.",
            "Trust grows with neighbours that others confirm, paid traffic, and visits of a roving "
                + "auditor."),
        Explanation(
            .tooPerfect, "TOO_PERFECT",
            "The last 16 reports of this pair, or of this witness over all it hears, lie within 1 dB: no real path is so calm.",
            "Let the packet forwarder report measured values."),
        Explanation(
            .powerStep, "POWER_STEP",
            "The reported strength does not follow the secret power steps of the beacons.",
            "Let the packet forwarder report measured values, and let the beaconer send at the power "
                + "it was told."),
        Explanation(
            .silent, "SILENT",
            "Neighbours that usually hear this gateway did not hear the beacon.",
            "Check antenna and cable; a beacon that is sent elsewhere is missed by those at home."),
        Explanation(
            .reciprocity, "RECIPROCITY",
            "The gateway was not both heard and hearing within the last two days.",
            "A gateway must send and receive: check whichever of the two fails."),
        Explanation(
            .island, "ISLAND",
            "No trusted link leads here yet, so pay comes from the small part that islands share.",
            "One passed visit of a roving auditor or paid traffic ends it."),
        Explanation(
            .density, "DENSITY",
            "The place is worth less because others already serve it.",
            "Move to where fewer gateways stand."),
        Explanation(
            .twin, "TWIN",
            "Whoever hears this gateway hears another one just alike, as if both had one antenna: together they are paid as "
                + "one.",
            "Give each gateway an antenna of its own at its own place. It ends with the first period in which they differ."
        ),
    ]
}
