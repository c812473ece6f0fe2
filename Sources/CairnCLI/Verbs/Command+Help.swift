import CairnBase
import CairnWire

extension Command {
    static let help = Command(
        path: ["help"],
        summary: "Explain a verb, a topic or an error code",
        text: [
            "Without a subject it lists what there is. A verb of two words is given as two words; an error code is the "
                + "one in brackets at the end of an error."
        ],
        arguments: [
            Argument(
                name: "SUBJECT", summary: "A verb, a topic or an error code", value: .text("SUBJECT"),
                isRequired: false, repeats: true)
        ],
        examples: [
            Example("cairn help exit-codes", "Lists the exit codes."),
            Example("cairn help E004", "Explains one error code."),
        ],
        run: { session throws(Failure) in
            let text = try helpText(session)
            session.answer([.init("text", .string(text))], text)
            return .ok
        })

    private static func helpText(_ session: Session) throws(Failure) -> String {
        let words = session.invocation.arguments
        let page = HelpPage(table: session.table, style: session.isJSON ? Style() : session.style)
        if let subject = session.table.subject(words) { return page.text(subject, full: true) }
        let word = words.joined(separator: " ")
        if let topic = Topic.all.first(where: { $0.name == word }) { return topic.text() }
        if let code = ErrorCode(rawValue: word.uppercased()) ?? ErrorCode.allCases.first(where: { $0.slug == word }) {
            return page.text(code)
        }
        throw unknown(word, session.table)
    }

    private static func unknown(_ word: String, _ table: CommandTable) -> Failure {
        let subjects =
            table.entries.map(\.name) + table.commands.map(\.name) + Topic.all.map(\.name)
            + ErrorCode.allCases.map(\.rawValue)
        let close = nearest(to: word, in: subjects).map { [Hint("cairn help \($0)", "is the nearest one")] } ?? []
        return Failure(
            .unknownTopic, "there is no help about \(quoted(word))",
            hints: close + [Hint("cairn help", "lists verbs and topics")])
    }
}
