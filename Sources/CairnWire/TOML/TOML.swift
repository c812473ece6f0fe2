/// A document in the subset of TOML that configuration, manifests and scenarios are written in.
///
/// There are tables `[a.b]`, arrays of tables `[[a]]`, bare keys, basic strings, whole decimal numbers, booleans and
/// arrays. Left out on purpose: dates, fractions, inline tables, dotted keys, literal and multi-line strings, numbers
/// in other bases. Every table and entry remembers its line, so that whoever reads the meaning can point at it.
public struct TOML: Sendable, Equatable {
    /// In the order of the text. The first is the root: what stands before any heading.
    public internal(set) var tables: [Table]

    public struct Table: Sendable, Equatable {
        /// `["a", "b"]` for `[a.b]`; empty for the root.
        public let path: [String]
        /// Whether the heading was `[[…]]`, which may come again.
        public let isElement: Bool
        public let line: Int
        public internal(set) var entries: [Entry] = []

        public subscript(key: String) -> Entry? { entries.first { $0.key == key } }
    }

    public struct Entry: Sendable, Equatable {
        public let key: String
        public let value: Value
        public let line: Int
    }

    public enum Value: Sendable, Equatable {
        case string(String)
        case integer(Int64)
        case bool(Bool)
        case array([Value])

        /// What it is, for an error about what was wanted instead.
        public var kind: String {
            switch self {
            case .string: "a string"
            case .integer: "a number"
            case .bool: "true or false"
            case .array: "a list"
            }
        }
    }

    /// What a document may hold at most. It is written by people; honest ones are far below.
    public struct Limits: Sendable {
        public var bytes = 1 << 20
        public var entries = 10_000
        public var items = 10_000
        public var depth = 8

        public init() {}
    }

    /// The table with a path, where the path is not an array of tables.
    public subscript(path: String...) -> Table? {
        tables.first { $0.path == path && !$0.isElement }
    }

    public init(_ text: String, limits: Limits = Limits()) throws(TOMLError) {
        var reader = TOMLReader(text, limits: limits)
        self.init(tables: try reader.document())
    }

    init(tables: [Table]) { self.tables = tables }
}
