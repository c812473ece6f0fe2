extension ErrorPage {
    static let nodeNotFound = ErrorPage(
        "node-not-found", .unreachable,
        "No running node was found where it was looked for: by --node, --home, $CAIRN_NODE, $CAIRN_HOME, the nearest .cairn "
            + "directory, or as the only one of this user. What was tried and what else runs here is in the error.",
        do: "cairn run starts one for this user; cairn nodes lists those that run")
    static let nodeUnreachable = ErrorPage(
        "node-unreachable", .unreachable,
        "A node is known, but its control socket does not take connections: it ended without cleaning up, belongs to "
            + "another user, or is too busy to answer.",
        do: "cairn nodes lists those that run")
    static let nodeAmbiguous = ErrorPage(
        "node-ambiguous", .usage, "Several nodes of this user run, and the command does not say which is meant.",
        do: "--node NAME says which; cairn nodes lists them")
    static let nodeTimeout = ErrorPage(
        "node-timeout", .timedOut, "The node took the question and did not answer in time.",
        do: "--timeout 1m waits longer")
    static let nodeStrange = ErrorPage(
        "node-strange", .failed,
        "What answered is not a node of this version: the answer is no HTTP, no JSON, or lacks something.",
        do: "cairn nodes shows the version of each node")
    static let nodeRunning = ErrorPage(
        "node-running", .conflict, "A node runs in this home already. Two on the same keys would harm each other.",
        do: "cairn status shows it; cairn stop ends it")
    static let nodeStillThere = ErrorPage(
        "node-still-there", .timedOut, "The node was asked to stop, and its process is still there.",
        do: "Wait, or look into its log for what it does.")
    static let addressUnusable = ErrorPage(
        "address-unusable", .failed,
        "A node cannot listen at the address that it was given: the machine does not have it, or the port needs more rights.",
        do: "ip address shows which addresses this machine has")
    static let systemRefused = ErrorPage(
        "system-refused", .failed,
        "The kernel refused something every node needs, such as a descriptor or memory. The message says which call.",
        do: "ulimit -a shows the limits of this user")
    static let registryUntrusted = ErrorPage(
        "registry-untrusted", .locked,
        "The directory in which running nodes announce themselves belongs to somebody else or is open to others, so what it "
            + "says could be a trap.",
        do: "Remove it if nobody needs it, or set XDG_RUNTIME_DIR.")
    static let chainStopped = ErrorPage(
        "chain-stopped", .damaged,
        "The chain's database or the sign log could not be read or written. A node that goes on after that could vote on "
            + "something it has forgotten, so it stops; what it said before is safe on the disk.",
        do: "Look at the disk (dmesg, df -h), mend it, and start the node again.")
    static let voteGuard = ErrorPage(
        "vote-guard", .safetyStop,
        "This validator must not vote: its sign log is missing, damaged or older than its votes, or somebody else votes with "
            + "its key. Voting now could contradict what it said before, and that costs the bond.",
        do: "Find out whether the key runs elsewhere; register a new vote key if its log is lost.")
    static let genesisInvalid = ErrorPage(
        "genesis-invalid", .usage,
        "genesis.json is not the beginning of a network: it is no JSON of the strict kind, or a value in it is missing, "
            + "unknown or out of bounds. The message names the place.",
        do:
            "Fetch the file again from where the network publishes it; if it is yours, mend that place and check it again."
    )
}
