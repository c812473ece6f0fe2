import CairnWire

extension Explanation {
    /// What a verdict on stored shards can give as reasons, by number.
    public static let storage: [Explanation] = [
        Explanation(
            .deadline, "DEADLINE",
            "Witnesses asked for leaves of the shard, or for a walk over the partition, and had no answer in time.",
            "Keep the node running and reachable, and its disk quick enough: GET /v1/storage tells how it "
                + "answered so far."),
        Explanation(
            .contained, "CONTAINED",
            "Too few witnesses agreed, so the round says nothing: no pay for it, and nothing against the holder.",
            "Nothing, if it is rare: the next round asks anew. Often, look at the other reasons beside it."),
        Explanation(
            .badLeaf, "BAD_LEAF",
            "The leaves that were shown are not those of the shard: bytes on the disk have changed or were "
                + "never there.",
            "Look for disk errors. The node's scrub makes a changed shard anew from the others by itself."),
        Explanation(
            .badPath, "BAD_PATH",
            "What was shown belongs to no shard of the object, or not to this holder's.",
            "Let the node run as it is: it shows the shard that the chain gave it. Another program's answers, or "
                + "a store copied from another node, are worth nothing."),
        Explanation(
            .badUnit, "BAD_UNIT",
            "A unit of the partition is not sealed as the chain was told: under its mask is not what the manifest names.",
            "Claim what the node has sealed: cairn storage sealed shows it, cairn storage seal tells the chain. A "
                + "partition copied from another node is worth nothing."),
        Explanation(
            .refusedCheck, "REFUSED_CHECK",
            "A walk was answered, and what shows that its last unit is sealed was not.",
            "Keep the node reachable and its disk quick enough to read a MiB within seconds."),
    ]
}
