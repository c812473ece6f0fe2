extension ErrorPage {
    static let noChain = ErrorPage(
        "no-chain", .unreachable, "The node that was asked takes part in no chain, so it knows no accounts.",
        do: "cairn nodes lists the nodes that run; --node chooses another")
    static let transactionRefused = ErrorPage(
        "transaction-refused", .refused,
        "The node did not take the transaction into its pool. The message says why; nothing was paid.",
        do: "Mend what the message names and send it again.")
    static let transactionPending = ErrorPage(
        "transaction-pending", .timedOut,
        "The transaction waits in a pool and was in no block within the time given. It may still be committed until it "
            + "expires.",
        do: "--wait=2m waits longer; a higher --fee under the same --nonce goes first")
    static let transactionLost = ErrorPage(
        "transaction-lost", .failed,
        "The transaction was in none of the blocks it was valid for, so it can never run any more. Nothing was paid.",
        do: "Send it again; a higher --fee goes first.")
}
