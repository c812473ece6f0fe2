extension ErrorPage {
    static let chainNotFound = ErrorPage(
        "chain-not-found", .notFound,
        "The home has no chain to read: its node has never run, or it takes part in none.",
        do: "cairn run makes it; --home DIR or --node NAME means another")
    static let notOnChain = ErrorPage(
        "not-on-chain", .notFound,
        "The chain of this home does not have what was asked for, or has it no longer: at its newest height, or at the one "
            + "given.",
        do: "cairn chain status shows how far the home is; it may be behind the network")
    static let chainDamaged = ErrorPage(
        "chain-damaged", .damaged,
        "A row of the chain's database is not what was written, or what follows from the blocks is not what stands there. "
            + "The message names it. Nothing of it was shown.",
        do: "Look at the disk; a node that fetches the chain again from its peers has it whole.")
    static let genesisExists = ErrorPage(
        "genesis-exists", .conflict,
        "There is a file where the genesis was to be written. A network that runs by the old one would be lost with it.",
        do: "Give another name, or put the old file away first.")
}
