/// What kind of record a state key names: the first byte of the key.
///
/// Numbers are part of the state root and never change meaning.
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
}
