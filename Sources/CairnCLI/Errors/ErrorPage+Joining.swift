extension ErrorPage {
    static let inviteInvalid = ErrorPage(
        "invite-invalid", .usage,
        "A code to join a network by is cut short, has a letter changed, or is of a later form. Its checksum does not fit.",
        do: "Copy the whole code again; cairn net invite, on a node of the network, makes a new one.")
    static let inviteExpired = ErrorPage(
        "invite-expired", .refused,
        "The code was made to hold for some time only, which is over. Or the clock of this machine is wrong.",
        do: "cairn net invite, on a node of the network, makes a new one")
    static let joinUnreachable = ErrorPage(
        "join-unreachable", .unreachable,
        "None of the nodes that a code or --peer names answered: what each said stands in the error.",
        do: "--peer ADDRESS:PORT names another node; --timeout 30s waits longer")
    static let joinRefused = ErrorPage(
        "join-refused", .refused,
        "A node answered and cannot be worked with: it is on another network, speaks another version, or its clock and this "
            + "machine's are too far apart. No home was made.",
        do: "Check the code, the version (cairn version) and the clock (date) of this machine.")
}
