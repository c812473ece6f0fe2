/// Every way a command can fail. Numbers are never reused; `ErrorPage` holds what each means.
///
/// `E0` command line · `E1` reaching a node · `E2` homes, files and configuration · `E3` keys · `E4` testnets
/// · `E5` wallets · `E6` chains · `E7` copies of a chain · `E8` radios · `E9` objects with holders · `E10` faults and scenarios
/// · `E11` joining.
enum ErrorCode: String, CaseIterable, Sendable {
    case unknownVerb = "E001"
    case unknownFlag = "E002"
    case missingValue = "E003"
    case badValue = "E004"
    case repeatedFlag = "E005"
    case unexpectedArgument = "E006"
    case missingArgument = "E007"
    case conflictingFlags = "E008"
    case unknownTopic = "E009"

    case nodeNotFound = "E101"
    case nodeUnreachable = "E102"
    case nodeAmbiguous = "E103"
    case nodeTimeout = "E104"
    case nodeStrange = "E105"
    case nodeRunning = "E106"
    case nodeStillThere = "E107"
    case addressUnusable = "E108"
    case systemRefused = "E109"
    case registryUntrusted = "E110"
    case chainStopped = "E111"
    case voteGuard = "E112"
    case peerNotFound = "E113"
    case peerUnreachable = "E114"
    case peerAddress = "E115"
    case banRefused = "E116"
    case notBanned = "E117"

    case cannotRead = "E201"
    case cannotWrite = "E202"
    case cannotStart = "E203"
    case noHome = "E204"
    case homeExists = "E205"
    case homeNotFound = "E206"
    case configSyntax = "E211"
    case configUnknownKey = "E212"
    case configValue = "E213"
    case genesisInvalid = "E214"

    case keyExists = "E301"
    case keyNotFound = "E302"
    case passphraseNeeded = "E303"
    case wrongPassphrase = "E304"
    case badPassphrase = "E305"
    case keyDamaged = "E306"
    case keyExposed = "E307"
    case keyUnsupported = "E308"
    case keyMemory = "E309"
    case developmentKey = "E310"
    case badPhrase = "E311"
    case wrongKind = "E312"

    case testnetNotFound = "E401"
    case testnetDamaged = "E402"
    case testnetDiffers = "E403"
    case testnetStep = "E404"
    case unknownNode = "E405"
    case addressTaken = "E406"
    case testnetBusy = "E407"
    case savedNotFound = "E408"
    case savedExists = "E409"
    case testnetHalfRestored = "E410"

    case noChain = "E501"
    case transactionRefused = "E502"
    case transactionPending = "E503"
    case transactionLost = "E504"

    case chainNotFound = "E601"
    case notOnChain = "E602"
    case chainDamaged = "E603"
    case genesisExists = "E604"

    case copyRefused = "E701"
    case copyExists = "E702"

    case noRadio = "E801"
    case townInvalid = "E802"

    case objectNotFound = "E901"
    case objectDamaged = "E902"
    case holdersMissing = "E903"
    case objectUnreadable = "E904"

    case faultInvalid = "E1001"
    case faultRefused = "E1002"
    case scenarioInvalid = "E1003"
    case scenarioFailed = "E1004"
    case planInvalid = "E1005"

    case inviteInvalid = "E1101"
    case inviteExpired = "E1102"
    case joinUnreachable = "E1103"
    case joinRefused = "E1104"

    var slug: String { page.slug }
    var exit: ExitCode { page.exit }

    /// A case without a page does not compile, so `cairn help` knows every code that can be thrown.
    var page: ErrorPage {
        switch self {
        case .unknownVerb: .unknownVerb
        case .unknownFlag: .unknownFlag
        case .missingValue: .missingValue
        case .badValue: .badValue
        case .repeatedFlag: .repeatedFlag
        case .unexpectedArgument: .unexpectedArgument
        case .missingArgument: .missingArgument
        case .conflictingFlags: .conflictingFlags
        case .unknownTopic: .unknownTopic
        case .nodeNotFound: .nodeNotFound
        case .nodeUnreachable: .nodeUnreachable
        case .nodeAmbiguous: .nodeAmbiguous
        case .nodeTimeout: .nodeTimeout
        case .nodeStrange: .nodeStrange
        case .nodeRunning: .nodeRunning
        case .nodeStillThere: .nodeStillThere
        case .addressUnusable: .addressUnusable
        case .systemRefused: .systemRefused
        case .registryUntrusted: .registryUntrusted
        case .chainStopped: .chainStopped
        case .voteGuard: .voteGuard
        case .peerNotFound: .peerNotFound
        case .peerUnreachable: .peerUnreachable
        case .peerAddress: .peerAddress
        case .banRefused: .banRefused
        case .notBanned: .notBanned
        case .genesisInvalid: .genesisInvalid
        case .cannotRead: .cannotRead
        case .cannotWrite: .cannotWrite
        case .cannotStart: .cannotStart
        case .noHome: .noHome
        case .homeExists: .homeExists
        case .homeNotFound: .homeNotFound
        case .configSyntax: .configSyntax
        case .configUnknownKey: .configUnknownKey
        case .configValue: .configValue
        case .keyExists: .keyExists
        case .keyNotFound: .keyNotFound
        case .passphraseNeeded: .passphraseNeeded
        case .wrongPassphrase: .wrongPassphrase
        case .badPassphrase: .badPassphrase
        case .keyDamaged: .keyDamaged
        case .keyExposed: .keyExposed
        case .keyUnsupported: .keyUnsupported
        case .keyMemory: .keyMemory
        case .developmentKey: .developmentKey
        case .badPhrase: .badPhrase
        case .wrongKind: .wrongKind
        case .testnetNotFound: .testnetNotFound
        case .testnetDamaged: .testnetDamaged
        case .testnetDiffers: .testnetDiffers
        case .testnetStep: .testnetStep
        case .unknownNode: .unknownNode
        case .addressTaken: .addressTaken
        case .testnetBusy: .testnetBusy
        case .savedNotFound: .savedNotFound
        case .savedExists: .savedExists
        case .testnetHalfRestored: .testnetHalfRestored
        case .copyRefused: .copyRefused
        case .copyExists: .copyExists
        case .noChain: .noChain
        case .transactionRefused: .transactionRefused
        case .transactionPending: .transactionPending
        case .transactionLost: .transactionLost
        case .chainNotFound: .chainNotFound
        case .notOnChain: .notOnChain
        case .chainDamaged: .chainDamaged
        case .genesisExists: .genesisExists
        case .noRadio: .noRadio
        case .townInvalid: .townInvalid
        case .objectNotFound: .objectNotFound
        case .objectDamaged: .objectDamaged
        case .holdersMissing: .holdersMissing
        case .objectUnreadable: .objectUnreadable
        case .faultInvalid: .faultInvalid
        case .faultRefused: .faultRefused
        case .scenarioInvalid: .scenarioInvalid
        case .scenarioFailed: .scenarioFailed
        case .planInvalid: .planInvalid
        case .inviteInvalid: .inviteInvalid
        case .inviteExpired: .inviteExpired
        case .joinUnreachable: .joinUnreachable
        case .joinRefused: .joinRefused
        }
    }
}
