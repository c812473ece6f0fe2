extension ErrorPage {
    static let testnetNotFound = ErrorPage(
        "testnet-not-found", .notFound, "There is no local testnet of this name, or in this directory.",
        do: "cairn testnet up starts one; --name and --dir choose another")
    static let testnetDamaged = ErrorPage(
        "testnet-damaged", .damaged,
        "The manifest of a testnet does not read as one. It is written by this program, so somebody else changed it.",
        do: "cairn testnet purge removes it with all its nodes")
    static let testnetDiffers = ErrorPage(
        "testnet-differs", .conflict, "A testnet is there already, with other nodes or another seed than asked for.",
        do: "cairn testnet purge removes it; --name NAME makes another beside it")
    static let testnetStep = ErrorPage(
        "testnet-step", .failed,
        "A step of starting a testnet did not come to its end in time, or a node ended. The last lines of that node's log "
            + "are shown.",
        do: "cairn testnet logs NODE shows the rest")
    static let unknownNode = ErrorPage(
        "unknown-node", .notFound, "The testnet has no node of this name.", do: "cairn testnet status lists them")
    static let addressTaken = ErrorPage(
        "address-taken", .conflict, "Something else listens at the address and port that a node needs.",
        do: "ss -lntup shows who; the configuration chooses another")
    static let testnetBusy = ErrorPage(
        "testnet-busy", .conflict, "Another command is starting or stopping the same testnet.",
        do: "Wait until it is done.")
    static let savedNotFound = ErrorPage(
        "saved-not-found", .notFound, "The testnet has no snapshot of this name.",
        do: "cairn testnet snapshot lists those there are")
    static let savedExists = ErrorPage(
        "saved-exists", .conflict, "The testnet has a snapshot of this name already, and nothing is ever overwritten.",
        do: "Choose another name.")
    static let testnetHalfRestored = ErrorPage(
        "testnet-half-restored", .conflict,
        "Putting the testnet back to a snapshot was cut off, so some of its nodes are as they were saved and others as they were since. "
            + "Nothing is started from that: a validator that has lost its sign log would vote twice.",
        do: "cairn testnet restore NAME does it again; cairn testnet purge removes the testnet")
}
