extension ErrorPage {
    static let faultInvalid = ErrorPage(
        "fault-invalid", .usage,
        "A fault is not written as it has to be: which kinds there are, and what each takes, is in the help of the command.",
        do: "cairn help testnet fault shows what each fault takes")
    static let faultRefused = ErrorPage(
        "fault-refused", .conflict, "A fault cannot be put into a node that is down.",
        do: "cairn testnet heal starts it")
}
