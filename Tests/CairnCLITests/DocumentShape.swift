import CairnWire

@testable import CairnCLI

/// What a JSON document is made of, as lines of text: `peers.list[].rtt_us  number|null`. Which keys there are and of what
/// kind their values may be is a promise to programs; the values are one day's, but for those that follow an `=`.
///
/// A key with a `?` behind it is not in every object of its list.
struct DocumentShape: Equatable {
    struct Entry: Equatable {
        var kinds: Set<String>
        /// What it always is, as JSON.
        var value: String?
        var isOptional = false
    }

    private(set) var paths: [String] = []
    private(set) var entries: [String: Entry] = [:]

    private static let schemas = Set(
        CommandTable.cairn.commands.map { "\"cairn.\($0.path.joined(separator: "."))/1\"" })

    /// Of all documents of a stream together.
    init(_ documents: [JSON]) {
        for document in documents { add("", document) }
        for path in ["", "[]"] where entries[path]?.kinds == ["object"] { remove(path) }
    }

    init(text: String) {
        for line in text.split(separator: "\n", omittingEmptySubsequences: true) {
            let words = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: true).map { String($0) }
            guard words.count >= 2 else { continue }
            let isOptional = words[0].hasSuffix("?")
            let path = isOptional ? String(words[0].dropLast()) : words[0]
            if entries[path] == nil { paths.append(path) }
            entries[path] = Entry(
                kinds: words[1] == "=" ? [] : Set(words[1].split(separator: "|").map(String.init)),
                value: words[1] == "=" ? words.last : nil, isOptional: isOptional)
        }
    }

    var text: String {
        paths.compactMap { path in
            entries[path].map { entry in
                path + (entry.isOptional ? "? " : " ")
                    + (entry.value.map { "= \($0)" } ?? entry.kinds.sorted().joined(separator: "|")) + "\n"
            }
        }.joined()
    }

    private mutating func remove(_ path: String) {
        paths.removeAll { $0 == path }
        entries[path] = nil
    }

    private mutating func add(_ path: String, _ json: JSON) {
        let isNew = entries[path] == nil
        let schema = json["schema"]?.text
        if let schema, !path.isEmpty, Self.schemas.contains(schema) {
            // The document of another command, which stands in its place.
            if isNew { paths.append(path) }
            entries[path, default: Entry(kinds: [])].kinds.insert(schema)
            return
        }
        if isNew {
            paths.append(path)
            entries[path] = Entry(kinds: [])
        }
        // Which document it is stands in it to the letter.
        entries[path]?.kinds.insert(path == "schema" ? json.text : json.kind)
        for element in json.array ?? [] { add(path + "[]", element) }
        guard let members = json.object else { return }
        let prefix = path.isEmpty ? "" : path + "."
        let known = children(of: prefix)
        for member in members {
            let child = prefix + member.key
            let isLate = !isNew && entries[child] == nil
            add(child, member.value)
            if isLate { entries[child]?.isOptional = true }
        }
        for child in known where !members.contains(where: { prefix + $0.key == child }) {
            entries[child]?.isOptional = true
        }
    }

    private func children(of prefix: String) -> [String] {
        paths.filter { path in
            path.hasPrefix(prefix) && path.count > prefix.count
                && !path.dropFirst(prefix.count).contains { $0 == "." || $0 == "[" }
        }
    }

    /// What a document like this one has that the recorded one must not have, or lacks.
    func differences(from recorded: DocumentShape, in documents: [JSON]) -> [String] {
        var found: [String] = []
        for path in paths {
            guard let (own, other) = entries[path].flatMap({ own in recorded.entries[path].map { (own, $0) } }) else {
                found.append("\(path) is new")
                continue
            }
            if let value = other.value {
                let values = documents.compactMap { $0[path]?.text }
                if values.contains(where: { $0 != value }) { found.append("\(path) is \(values), not \(value)") }
            } else if !own.kinds.isSubset(of: other.kinds) {
                found.append("\(path) is \(own.kinds.sorted()), not only \(other.kinds.sorted())")
            }
            if own.isOptional, !other.isOptional { found.append("\(path) is not always there") }
        }
        for path in recorded.paths where entries[path] == nil && recorded.entries[path]?.isOptional == false {
            let parent = path.hasSuffix("[]") ? nil : Self.parent(of: path)
            if let parent, parent.isEmpty || entries[parent]?.kinds.contains("object") == true {
                found.append("\(path) is gone")
            }
        }
        return found
    }

    private static func parent(of path: String) -> String {
        path.lastIndex(of: ".").map { String(path[..<$0]) } ?? ""
    }

    /// This shape, and what was recorded of documents before it, where both have a key.
    func joined(with recorded: DocumentShape, in documents: [JSON]) -> DocumentShape {
        var joined = self
        for path in recorded.paths {
            guard let before = recorded.entries[path] else { continue }
            guard entries[path] != nil else {
                // Of a list that is empty this time, or a part that is not there, what was known stays.
                let parent = Self.parent(of: path)
                let isElement = path.hasSuffix("[]")
                guard isElement || (!parent.isEmpty && entries[parent]?.kinds.contains("object") != true) else {
                    continue
                }
                joined.paths.append(path)
                joined.entries[path] = before
                continue
            }
            joined.entries[path]?.kinds.formUnion(before.kinds)
            if before.isOptional { joined.entries[path]?.isOptional = true }
            if let value = before.value, documents.allSatisfy({ $0[path]?.text == value }) {
                joined.entries[path]?.value = value
            }
        }
        return joined
    }
}

extension JSON {
    fileprivate var kind: String {
        switch self {
        case .null: "null"
        case .bool: "bool"
        case .number: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }
}
