/// The page `docs/errors.md`, made from the pages of the error codes.
struct ErrorReference {
    func text() -> String {
        var text = """
            # Errors

            This page is made by `scripts/docs` from the codes that the program knows; a test fails when the two differ. A code
            keeps its number and its name for ever. On a terminal an error says what happened, what was tried and what to do;
            with `--json` it is one line with the same content, and over HTTP a problem document with the name as its `code`.
            `cairn help E101` shows one of these.

            """
        for group in Self.groups {
            let codes = ErrorCode.allCases.filter { $0.rawValue.hasPrefix("E") && Self.group(of: $0) == group.number }
            guard !codes.isEmpty else { continue }
            text += "\n## \(group.title)\n"
            text += codes.map(section).joined()
        }
        return text
    }

    /// E101 is of group 1, E1001 of group 10.
    private static func group(of code: ErrorCode) -> Int { (Int(code.rawValue.dropFirst()) ?? 0) / 100 }

    /// In the order of the numbers; what has no title of its own stands under the last.
    private static let groups: [(number: Int, title: String)] = {
        let titles = [
            "The command line", "Reaching a node", "Homes, files and configuration", "Keys", "Testnets", "Wallets",
            "Chains",
            "Copies of a chain", "Radios", "Storage", "Scenarios, faults and invitations", "Mesh",
        ]
        let last = ErrorCode.allCases.map { group(of: $0) }.max() ?? 0
        return (0...max(last, titles.count - 1)).map { ($0, titles.indices.contains($0) ? titles[$0] : "More") }
    }()

    private func section(_ code: ErrorCode) -> String {
        """

        ### \(code.rawValue) \(code.slug)

        \(code.page.meaning)

        Do: \(code.page.remedy)

        Exit code \(code.exit.rawValue): \(code.exit.meaning).

        """
    }
}
