import Glibc

/// Spelled in halves, so that this file passes its own rule.
private let leftoverWords = ["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"]

extension Rule {
    static let leftovers = Rule(
        name: "nothing is left for later in the text",
        check: { file, _ in
            leftoverWords.flatMap { word in
                file.lines(with: word).map { Finding(file, $0, "'\(word)': do it, drop it or open an issue") }
            }
        },
        fires: [
            Sample("Sources/CairnBase/Sample.swift", "// \("TO" + "DO"): later"),
            Sample("docs/sample.md", "(\("FIX" + "ME"))"),
            Sample("scripts/sample", "# \("XX" + "X")"),
        ],
        passes: [Sample("docs/sample.md", "todo lists, hacks and \("TO" + "DOS")")])

    static let scripts = Rule(
        name: "a script is short, is bash and stops at its first error",
        check: { file, _ in
            guard file.path.hasPrefix("scripts/") || file.path.hasPrefix(".ci/") else { return [] }
            if file.lines.count > 60 {
                return [Finding(file, 61, "\(file.lines.count) lines; a script has at most 60")]
            }
            let isSourced = file.path.hasPrefix("scripts/lib/")
            if isSourced { return [] }
            guard file.lines.first == "#!/usr/bin/env bash" else {
                return [Finding(file, 1, "the first line is not '#!/usr/bin/env bash'")]
            }
            return file.lines.contains("set -euo pipefail") ? [] : [Finding(file, 2, "no 'set -euo pipefail'")]
        },
        fires: [
            Sample("scripts/sample", "#!/usr/bin/env bash\nset -euo pipefail\n" + String(repeating: "#\n", count: 59)),
            Sample("scripts/sample", "#!/bin/sh\nset -euo pipefail\n"),
            Sample(".ci/sample", "#!/usr/bin/env bash\necho\n"),
            Sample("scripts/lib/sample.sh", String(repeating: "#\n", count: 61)),
        ],
        passes: [
            Sample("scripts/sample", "#!/usr/bin/env bash\nset -euo pipefail\n" + String(repeating: "#\n", count: 58)),
            Sample("scripts/lib/sample.sh", "say() { :; }"),
        ])

    static let links = Rule(
        name: "a relative link in a document leads to something",
        check: { file, tree in
            guard file.path.hasSuffix(".md") else { return [] }
            return file.links.compactMap { link in
                tree.reaches(link.target, from: file) ? nil : Finding(file, link.line, "'\(link.target)' leads nowhere")
            }
        },
        fires: [
            Sample("docs/sample.md", "see [this](missing.md)"),
            Sample("docs/sample.md", "see [this](../../outside.md) and [that](../Package.swift)"),
            Sample("docs/sample.md", "# One two\n[a](#one-two) [b](#one-three)"),
        ],
        passes: [
            Sample("docs/sample.md", "[a](../Package.swift) [b](https://example.org/x) `[c](d)`\n```\n[e](f)\n```"),
            Sample("docs/sample.md", "[a](<../Package.swift> \"title\") \n## C: d/`e`?\n[b](#c-de)"),
        ])
}

extension SourceFile {
    /// The lines on which a word stands on its own.
    fileprivate func lines(with word: String) -> [Int] {
        let word = Array(word.utf8)
        var found: [Int] = []
        var start = 0
        while let index = firstIndex(of: word[0], from: start) {
            start = index + 1
            guard bytes[index...].starts(with: word) else { continue }
            let around = [index - 1, index + word.count].filter(bytes.indices.contains).map { bytes[$0] }
            if !around.contains(where: { $0.isLetter || $0.isDigit }) {
                found.append(bytes[..<index].count { $0 == .newline } + 1)
            }
        }
        return found
    }

    /// By the C library, because a debug build takes a second to look at every byte.
    private func firstIndex(of byte: UInt8, from start: Int) -> Int? {
        bytes.withUnsafeBytes { text -> Int? in
            // SAFETY: the search stays between `start` and the end, and the address found lies there.
            guard let base = text.baseAddress, let found = memchr(base + start, Int32(byte), text.count - start) else {
                return nil
            }
            return base.distance(to: UnsafeRawPointer(found))
        }
    }

    /// Relative links of a Markdown file, with those in code left out.
    fileprivate var links: [(target: String, line: Int)] {
        proseLines.flatMap { line, text in
            text.components(between: "](", and: ")").compactMap { inside in
                let target = inside.split(separator: " ").first.map { $0.filter { $0 != "<" && $0 != ">" } } ?? ""
                let isAbsolute = target.contains("://") || target.hasPrefix("mailto:")
                return isAbsolute || target.isEmpty ? nil : (target, line)
            }
        }
    }

    private var proseLines: [(line: Int, text: String)] {
        var isFenced = false
        return lines.enumerated().compactMap { index, line in
            if line.drop(while: { $0 == " " }).hasPrefix("```") {
                isFenced.toggle()
                return nil
            }
            // Every second piece between backticks is code.
            let pieces = line.split(separator: "`", omittingEmptySubsequences: false).enumerated()
            let prose = pieces.filter { $0.offset.isMultiple(of: 2) }.map(\.element).joined()
            return isFenced ? nil : (index + 1, prose)
        }
    }

    /// The anchors that headings get where Markdown is rendered.
    fileprivate var anchors: [String] {
        lines.filter { $0.hasPrefix("#") }.map { heading in
            let text = heading.drop { $0 == "#" }.drop { $0 == " " }.lowercased()
            return text.compactMap {
                $0 == " " ? "-" : $0.isLetter || $0.isNumber || "-_".contains($0) ? String($0) : nil
            }
            .joined()
        }
    }
}

extension SourceTree {
    fileprivate func reaches(_ target: String, from file: SourceFile) -> Bool {
        let parts = target.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        guard !parts[0].isEmpty else { return parts.count == 2 && file.anchors.contains(String(parts[1])) }
        var path = file.path.split(separator: "/").dropLast().map(String.init)
        for part in parts[0].split(separator: "/") where part != "." {
            guard part == ".." else {
                path.append(String(part))
                continue
            }
            if path.popLast() == nil { return false }
        }
        let joined = path.joined(separator: "/")
        guard parts.count == 2, let other = files.first(where: { $0.path == joined }) else { return exists(joined) }
        return other.anchors.contains(String(parts[1]))
    }
}

extension String {
    fileprivate func components(between start: String, and end: Character) -> [Substring] {
        var found: [Substring] = []
        var rest = self[...]
        while let opening = rest.firstRange(of: start) {
            rest = rest[opening.upperBound...]
            found.append(rest.prefix { $0 != end })
        }
        return found
    }
}
