extension ErrorPage {
    static let noRadio = ErrorPage(
        "no-radio", .notFound, "The node runs without a radio: its configuration names no gateway.",
        do: "radio.gateway in config.toml names one; cairn help config explains it")
    static let townInvalid = ErrorPage(
        "town-invalid", .damaged, "A file of places or of simulated radios does not read as one.",
        do: "Testnet/places has examples")
}
