/// What kind of record a state key names: the first byte of the key.
///
/// Numbers are part of the state root and never change meaning. 43 was once given to objects of sealed storage.
public enum StateTable: UInt8, Sendable, CaseIterable {
    case parameters = 1
    case supply = 2
    case account = 3
    case stake = 4
    case validator = 5
    case voteKey = 6
    case candidates = 7
    case committee = 8
    case attendance = 9
    case pot = 10
    case punishment = 11
    case resource = 12
    case resourceName = 13
    case device = 14
    case radio = 15
    case registrations = 16
    case resourceCount = 17
    case profile = 18
    case census = 19
    case frozen = 20
    case track = 21
    case stakeRootSince = 22
    case anchors = 23
    case neighbourhood = 24
    case pair = 25
    case verdict = 26
    case judged = 27
    case profilePot = 28
    case funds = 29
    case reward = 30
    case result = 31
    case bonded = 32
    case proposal = 33
    case openProposals = 34
    case ballot = 35
    case version = 36
    case object = 37
    case objectCount = 38
    case ordered = 39
    case closing = 40
    case holdings = 41
    case shard = 42
    case payers = 44
    case payees = 45
    case burns = 46
    case sealedPartition = 47
    case liveNumbers = 48
    case rewardedNumbers = 49
    case forgotten = 50
    case heldSlots = 51
    case expected = 52
    case sellers = 53
}
