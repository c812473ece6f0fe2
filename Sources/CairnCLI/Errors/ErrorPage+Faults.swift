extension ErrorPage {
    static let faultInvalid = ErrorPage(
        "fault-invalid", .usage,
        "A fault is not written as it has to be: which kinds there are, and what each takes, is in the help of the command.",
        do: "cairn help testnet fault shows what each fault takes")
    static let faultRefused = ErrorPage(
        "fault-refused", .conflict, "A fault cannot be put into a node that is down.",
        do: "cairn testnet heal starts it")
    static let scenarioInvalid = ErrorPage(
        "scenario-invalid", .usage,
        "A scenario's file is not what it should be: the message gives file and line. It has one [scenario] and then [[step]], "
            + "each with one of do, expect and wait.",
        do: "docs/testnet.md explains scenarios; Testnet/scenarios has some that work")
    static let scenarioFailed = ErrorPage(
        "scenario-failed", .failed,
        "A step of a scenario did not come out as its file says it must: the message says what was seen instead. The testnet "
            + "is left as it is.",
        do: "cairn testnet status --name NAME shows it; cairn testnet purge --name NAME removes it")
    static let planInvalid = ErrorPage(
        "plan-invalid", .usage,
        "The manifest that says what a testnet is to be made of is not what it should be: the message gives file and line. It "
            + "has one [testnet].",
        do: "docs/testnet.md explains manifests; Testnet/manifests has one that works")
}
