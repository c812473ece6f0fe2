import CairnBase

/// Blocks of the past that lie damaged on this node's disk, and that peers are being asked for.
///
/// A digest names each, so a block is believed from anyone. A question that is not answered is forgotten here: whoever found
/// the damage asks again, and then another peer is picked.
struct BlockRepairs: Sendable {
    private static let limit = Limits.Scrub().wanted

    private var asked = OrderedMap<Digest, Height>()

    /// Whether to ask for a block now: not twice at once, nor for too many.
    mutating func want(_ digest: Digest, at height: Height) -> Bool {
        guard asked[digest] == nil, asked.count < Self.limit else { return false }
        asked[digest] = height
        return true
    }

    /// Where a block belongs that was asked for; it is no longer waited for.
    mutating func take(_ digest: Digest) -> Height? { asked.removeValue(forKey: digest) }
}
