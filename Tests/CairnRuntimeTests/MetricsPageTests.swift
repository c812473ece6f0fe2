import Testing

@testable import CairnRuntime

/// What is written about metrics is about those that there are.
@Suite struct MetricsPageTests {
    private func page(_ name: String) throws -> String {
        let repository = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
        let bytes = try SmallFile.read(repository.joined(separator: "/") + "/docs/" + name, limit: 1 << 20)
        return String(decoding: bytes, as: UTF8.self)
    }

    private var names: Set<String> {
        let lines = NodeMetrics().registry.text.split(separator: "\n")
        return Set(lines.filter { $0.hasPrefix("# TYPE ") }.map { String($0.split(separator: " ")[2]) })
    }

    private func named(in text: String) -> Set<String> {
        let words = text.split { !($0.isLetter || $0.isNumber || $0 == "_") }
        return Set(words.map(String.init).filter { $0.hasPrefix("cairn_") || $0.hasPrefix("process_") })
    }

    @Test func thePageNamesEveryMetric() throws {
        let page = try page("metrics.md")
        #expect(names.count > 40)
        for name in names { #expect(page.contains("`\(name)`"), "\(name) is not in docs/metrics.md") }
        #expect(named(in: page).subtracting(names) == [], "docs/metrics.md names what there is not")
    }

    @Test func alertsAreAboutMetricsThatThereAre() throws {
        let rules = try page("alerts.yml")
        #expect(rules.split(separator: "\n").count { $0.contains("- alert:") } == 13)
        #expect(!named(in: rules).isEmpty && named(in: rules).subtracting(names) == [])
        let registry = NodeMetrics().registry
        var selected = 0
        for rule in rules.split(separator: "\n") where rule.contains("expr:") {
            // cairn_p2p_peers{state="alive"}: each name is followed by its selectors.
            for part in rule.split(separator: "}").filter({ $0.contains("{") }) {
                let halves = part.split(separator: "{").map(String.init)
                let words = halves[0].split { !($0.isLetter || $0.isNumber || $0 == "_") }
                guard halves.count == 2, let name = words.last.map(String.init), name.hasPrefix("cairn_") else {
                    continue
                }
                let labels = halves[1].split(separator: ",").map { String($0.prefix { $0 != "=" && $0 != "!" }) }
                #expect(Set(labels).isSubset(of: registry.labels(of: name) ?? []), "\(name) has no \(labels)")
                selected += 1
            }
        }
        #expect(selected == 5)
        for rule in rules.split(separator: "\n") where rule.contains("annotations:") {
            #expect(rule.contains("summary: ") && rule.contains("do: "))
        }
    }
}
