import Testing

/// The repository's own rules, checked on its text. `scripts/lint` runs them.
@Suite struct TidyTests {
    @Test(arguments: Rule.all) func holdsEverywhere(rule: Rule) {
        let tree = SourceTree.repository
        for finding in tree.files.flatMap({ rule.check($0, tree) }) {
            Issue.record("\(finding)")
        }
    }

    @Test(arguments: Rule.all) func firesOnWhatItForbids(rule: Rule) {
        #expect(!rule.fires.isEmpty && !rule.passes.isEmpty)
        for sample in rule.fires {
            let findings = rule.check(SourceFile(path: sample.path, text: sample.text), .repository)
            #expect(findings.count == 1, "\(sample.text) gives \(findings)")
        }
        for sample in rule.passes {
            let findings = rule.check(SourceFile(path: sample.path, text: sample.text), .repository)
            #expect(findings.isEmpty, "\(sample.text)")
        }
    }

    @Test func theTreeIsThere() {
        let paths = SourceTree.repository.files.map(\.path)
        for path in ["Package.swift", "Sources/CairnBase/Amount.swift", "scripts/lib/setup.sh", ".ci/run"] {
            #expect(paths.contains(path), "\(path)")
        }
    }
}

@Suite struct SwiftScannerTests {
    @Test(arguments: [
        (#"a // b"#, "a     "), (#"a /* b /* c */ d */ e"#, "a                   e"),
        (#"f("x // y")"#, #"f("      ")"#),
        (#"f("\(g(1)) h") + i"#, #"f(" (g(1))  ") + i"#), (##"f(#"a"b\(c)"#) d"##, ##"f(#"       "#) d"##),
        (##"f(#"\#(c)"#) d"##, ##"f(#"  (c)"#) d"##), (#"f("\"") g"#, #"f("  ") g"#),
        (#"#if A"#, #"#if A"#), (#"f("\(g("h")) i")"#, #"f(" (g(" "))  ")"#),
    ])
    func keepsOnlyCode(source: String, code: String) {
        #expect(String(decoding: SwiftScanner(Array(source.utf8)).code, as: UTF8.self) == code)
    }

    @Test func keepsLinesTogether() {
        let file = SourceFile(path: "a.swift", text: "a\n\"\"\"\nb\n\"\"\"\n/* c\n*/ d // e\nf")
        #expect(file.codeLines.map { $0.filter { $0 != " " } } == ["a", "\"\"\"", "", "\"\"\"", "", "d", "f"])
        #expect(file.commentLines[5].contains("// e") && !file.commentLines[5].contains("d"))
        #expect(file.words.map(\.text) == ["a", "d", "f"] && file.words.map(\.line) == [1, 6, 7])
    }
}
