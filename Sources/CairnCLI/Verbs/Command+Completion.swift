import CairnWire

extension Command {
    static let completion = Command(
        path: ["completion"],
        summary: "Print the completion script of a shell",
        text: ["The script is made from the same table as the commands, so it knows every verb and flag there is."],
        arguments: [
            Argument(name: "SHELL", summary: "The shell to print it for", value: .choice(["bash", "zsh", "fish"]))
        ],
        examples: [
            Example("source <(cairn completion bash)", "Completes in this bash."),
            Example("cairn completion fish > ~/.config/fish/completions/cairn.fish", "Completes in every fish."),
        ],
        run: { session in
            let completion = Completion(table: session.table)
            let script =
                switch session.invocation.argument(0) {
                case "zsh": completion.zsh()
                case "fish": completion.fish()
                default: completion.bash()
                }
            session.answer([.init("script", .string(script))], script)
            return .ok
        })
}
