extension ErrorPage {
    static let peerNotFound = ErrorPage(
        "peer-not-found", .notFound,
        "The node knows no peer of this name, id or address: it is not connected to it, does not want to be, and was not "
            + "until a short time ago.",
        do: "cairn peers lists those it knows")
    static let peerUnreachable = ErrorPage(
        "peer-unreachable", .unreachable,
        "The peer was dialled from this machine and did not answer a ping: nothing listens there, something in between "
            + "drops the packets, another node answered, or what answered does not speak libp2p.",
        do: "--until-direct tries again until it answers; the error says what happened this time")
    static let peerAddress = ErrorPage(
        "peer-address", .usage,
        "A peer is given by the name or id that cairn peers shows, or by a multiaddr with an IP address and a TCP port: "
            + "/ip4/192.0.2.1/tcp/7470/p2p/12D3KooW…. Host names, relays and other transports cannot be dialled.",
        do: "cairn net id prints the address of a node in this form")
    static let banRefused = ErrorPage(
        "ban-refused", .refused,
        "The node does not ban that: it is the node itself, nobody can be at the address, the time or the note is out of bounds, "
            + "or its list of 4096 bans is full of the operator's.",
        do: "the error says which it was; cairn peers bans lists what is in force")
    static let notBanned = ErrorPage(
        "not-banned", .notFound,
        "There is no ban of this peer or address to take back: it has ended, was never made, or is called otherwise.",
        do: "cairn peers bans lists those in force")
}
