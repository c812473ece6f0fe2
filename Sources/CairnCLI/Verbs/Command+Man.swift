import CairnWire

extension Command {
    private static let format = Flag.choice(
        "format", ["roff", "markdown", "errors"],
        "roff is for man, markdown is docs/cli.md, errors is docs/errors.md; roff unless told")

    static let man = Command(
        path: ["man"],
        summary: "Print the manual page",
        text: ["The whole command line on one page, for man(1) or as markdown."],
        flags: [format.declaration],
        examples: [
            Example("cairn man | man -l -", "Reads the manual."),
            Example("cairn man --format markdown", "Prints the reference page of the documentation."),
        ],
        run: { session in
            let page =
                switch session.invocation[format] {
                case "markdown": ReferencePage(table: session.table).text()
                case "errors": ErrorReference().text()
                default: ManualPage(table: session.table).text()
                }
            session.answer([.init("page", .string(page))], page)
            return .ok
        })
}
