/// Why a gateway does not take up a beacon that its radio received.
public enum BeaconObjection: String, Error, Sendable, Equatable, CaseIterable {
    case notBeacon = "not_beacon"
    case otherTime = "other_time"
    case notMember = "not_member"
    case otherProfile = "other_profile"
    case repeated = "repeated"
    case crowded = "crowded"

    public var words: String {
        switch self {
        case .notBeacon: "it is no beacon of a Cairn network"
        case .otherTime: "it is of no height of about now: replayed, of another chain, or this node is behind"
        case .notMember:
            "this gateway is not in the set of the epoch: it was registered less than two epochs ago, or not at all"
        case .otherProfile: "it is of another profile"
        case .repeated: "the same beacon was heard before"
        case .crowded: "as many beacons of one height were heard as are told apart"
        }
    }
}
