extension ErrorPage {
    static let keyExists = ErrorPage(
        "key-exists", .conflict,
        "A key of this name is there already. Keys are never overwritten: a lost key is lost money.",
        do: "cairn keys list shows what is there; --name NAME makes another beside it")
    static let keyNotFound = ErrorPage(
        "key-not-found", .notFound, "There is no key of this name in the home.",
        do: "cairn keys list shows what is there")
    static let passphraseNeeded = ErrorPage(
        "passphrase-needed", .locked,
        "A key is sealed, and there is neither a terminal to ask at nor a file or descriptor that holds the passphrase.",
        do: "--passphrase-file FILE reads it from a file")
    static let wrongPassphrase = ErrorPage(
        "wrong-passphrase", .locked,
        "The key file is whole, but this passphrase does not open it. There is no way around the passphrase except the "
            + "24 words.",
        do: "Try again, or cairn keys recover with the 24 words.")
    static let badPassphrase = ErrorPage(
        "bad-passphrase", .usage,
        "The new passphrase is empty, too short, too long, or was not typed the same way twice.",
        do: "Choose at least 8 characters; a few random words are best.")
    static let keyDamaged = ErrorPage(
        "key-damaged", .damaged,
        "The key file changed since it was written, or never was one. This is found without the passphrase, by a checksum.",
        do: "Put back a copy, or cairn keys recover with the 24 words.")
    static let keyExposed = ErrorPage(
        "key-exposed", .locked, "The key file belongs to another user, or others than its owner may read or write it.",
        do: "chmod 600 and chown the file to the user that runs the node")
    static let keyUnsupported = ErrorPage(
        "key-unsupported", .failed,
        "The key file is whole, but in a format that a newer version of this program wrote.",
        do: "Use the version that wrote it.")
    static let keyMemory = ErrorPage(
        "key-memory", .failed,
        "Opening a key takes memory on purpose, so that guessing passphrases is dear. This machine has not enough free.",
        do: "Free some memory, or open the key on another machine.")
    static let developmentKey = ErrorPage(
        "development-key", .refused,
        "The key lies open, without a passphrase. Such keys are for development networks and are taken only where that is "
            + "said.",
        do: "--dev says that an open key is meant")
    static let wrongKind = ErrorPage(
        "wrong-kind", .refused, "A key is there, but it is for another use: a key is for one use only.",
        do: "cairn keys list shows what each key is for")
    static let badPhrase = ErrorPage(
        "bad-phrase", .usage,
        "The 24 words do not spell a key: one is missing, not in the list, or in another place. The message says which.",
        do: "Read the words again, in their order.")
}
