/// What `cairn help E101` says about a code, and what an error falls back on when nothing more particular is known.
struct ErrorPage: Sendable {
    /// The code's name in machine output.
    let slug: String
    let exit: ExitCode
    let meaning: String
    /// One line: what to do.
    let remedy: String

    init(_ slug: String, _ exit: ExitCode, _ meaning: String, do remedy: String) {
        self.slug = slug
        self.exit = exit
        self.meaning = meaning
        self.remedy = remedy
    }
}

// MARK: The command line

extension ErrorPage {
    static let unknownVerb = ErrorPage(
        "unknown-verb", .usage, "A word stands where a verb belongs, and this program has no verb of that name.",
        do: "cairn help lists the verbs")
    static let unknownFlag = ErrorPage(
        "unknown-flag", .usage,
        "The command does not have this flag. Before the verb only the global flags may stand, and short flags are "
            + "written one by one.",
        do: "cairn help VERB lists the flags of a verb")
    static let missingValue = ErrorPage(
        "missing-value", .usage, "A flag that takes a value stands last, or the next word is another flag.",
        do: "Write --flag VALUE, or --flag=VALUE when the value starts with dashes.")
    static let badValue = ErrorPage(
        "bad-value", .usage, "A value is not of the kind that the flag or argument takes, or it is out of range.",
        do: "cairn help VERB shows what it takes")
    static let repeatedFlag = ErrorPage(
        "repeated-flag", .usage,
        "A flag that counts once is given twice. To guess which one was meant could do harm, so nothing was done.",
        do: "Give the flag once.")
    static let unexpectedArgument = ErrorPage(
        "unexpected-argument", .usage, "There are more words than the command takes.",
        do: "cairn help VERB shows what it takes; quote a value that has spaces in it")
    static let missingArgument = ErrorPage(
        "missing-argument", .usage, "The command needs a word that is not there.",
        do: "cairn help VERB shows what it takes")
    static let conflictingFlags = ErrorPage(
        "conflicting-flags", .usage, "Two flags contradict each other.", do: "Give one of them.")
    static let unknownTopic = ErrorPage(
        "unknown-topic", .usage, "Help was asked about something that is neither a verb, a topic nor an error code.",
        do: "cairn help lists verbs and topics")
}

// MARK: Homes, files and configuration

extension ErrorPage {
    static let cannotRead = ErrorPage(
        "cannot-read", .failed, "A file could not be read: the message says which and what the system said.",
        do: "Check the path and that this user may read it.")
    static let cannotWrite = ErrorPage(
        "cannot-write", .damaged,
        "A file or directory could not be written, or not made durable: the message says which and what the system said.",
        do: "Check free space (df) and that this user may write there.")
}

extension ErrorPage {
    static let cannotStart = ErrorPage(
        "cannot-start", .failed,
        "Another program could not be started: the message says which and what the system said.",
        do: "Check that the program is there and that this user may run it.")
    static let noHome = ErrorPage(
        "no-home", .usage, "No flag or variable names a home, and the environment does not say where this user's is.",
        do: "--home DIR says which home is meant")
    static let homeExists = ErrorPage(
        "home-exists", .conflict, "A home is there already. Making one never overwrites keys or configuration.",
        do: "cairn run starts its node; --home DIR names another place")
    static let homeNotFound = ErrorPage(
        "home-not-found", .notFound, "There is no home in this place: no configuration was found.",
        do: "cairn init makes one; --home DIR names another place")
    static let configSyntax = ErrorPage(
        "config-syntax", .usage,
        "The configuration is not in the subset of TOML that is understood: tables, keys, strings in double quotes, whole "
            + "numbers, true, false and lists. The message gives file, line and column.",
        do: "cairn help config shows a file that works")
    static let configUnknownKey = ErrorPage(
        "config-unknown-key", .usage,
        "The configuration sets something that does not exist. A key nobody reads would make its writer believe that it "
            + "works, so it is an error.",
        do: "cairn help config shows every setting")
    static let configValue = ErrorPage(
        "config-value", .usage, "A setting has a value of the wrong kind or out of its range.",
        do: "cairn help config shows every setting")
}
