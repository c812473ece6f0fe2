/// A named step from one schema to the next.
///
/// Each step runs in one transaction together with its own record, and `user_version` moves in the same transaction,
/// so a process killed at any point finds either the old schema or the new one and goes on from there.
struct Migration: Sendable {
    let name: String
    var sql: [String] = []
    /// What SQL cannot say.
    var rewrite: (@Sendable (Database) throws(StoreError) -> Void)?
}

extension Database {
    /// "CAIR" in ASCII: tells our files from everybody else's.
    static let applicationID: Int32 = 0x4341_4952

    /// For readers, who cannot bring a schema up to date: it must be the newest already.
    func expect(_ steps: [Migration]) throws(StoreError) {
        let id = Int32(truncatingIfNeeded: try integer("PRAGMA application_id"))
        guard id == Self.applicationID else { throw .foreign(path: path, applicationID: id) }
        let version = Int32(truncatingIfNeeded: try integer("PRAGMA user_version"))
        let known = Int32(clamping: steps.count)
        guard version <= known else { throw .newer(path: path, version: version, known: known) }
        guard version == known else { throw .older(path: path, version: version, known: known) }
    }

    /// Takes the file to the newest of the steps.
    func migrate(_ steps: [Migration]) throws(StoreError) {
        let id = Int32(truncatingIfNeeded: try integer("PRAGMA application_id"))
        let version = Int(try integer("PRAGMA user_version"))
        let tables = try integer("SELECT count(*) FROM sqlite_schema")
        guard id == Self.applicationID || (id == 0 && version == 0 && tables == 0) else {
            throw .foreign(path: path, applicationID: id)
        }
        guard version <= steps.count else {
            throw .newer(path: path, version: Int32(clamping: version), known: Int32(clamping: steps.count))
        }
        for (index, step) in steps.enumerated().dropFirst(version) {
            try transaction { () throws(StoreError) in
                if index == 0 {
                    try execute("PRAGMA application_id = \(Self.applicationID)")
                    try execute("CREATE TABLE migration(version INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT")
                }
                for sql in step.sql { try execute(sql) }
                try step.rewrite?(self)
                try prepare("INSERT INTO migration VALUES (?, ?)").run(.integer(Int64(index + 1)), .text(step.name))
                try execute("PRAGMA user_version = \(index + 1)")
            }
        }
    }

    /// Refuses a file whose tables are not those that the steps make, though it says that it went through them: a version
    /// between two releases may have had others.
    func requireTables(of steps: [Migration]) throws(StoreError) {
        let expected = steps.flatMap(\.sql).filter { $0.hasPrefix("CREATE TABLE") }
        try prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name <> 'migration'")
            .forEach { row throws(StoreError) in
                guard expected.contains(row.text(1)) else { throw .otherTables(path: path, table: row.text(0)) }
            }
        let count = try integer("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name <> 'migration'")
        guard Int(count) == expected.count else { throw .otherTables(path: path, table: "a missing one") }
    }

    /// Makes the views what they are in this version. They hold nothing, so it does not matter what they were.
    func refreshViews(of steps: [Migration]) throws(StoreError) {
        let views = steps.flatMap(\.sql).filter { $0.hasPrefix("CREATE VIEW") }
        var old: [String: String] = [:]
        try prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'view'").forEach { row in
            old[row.text(0)] = row.text(1)
        }
        guard Set(old.values) != Set(views) else { return }
        try transaction { () throws(StoreError) in
            for name in old.keys.sorted() { try execute("DROP VIEW \"\(name)\"") }
            for view in views { try execute(view) }
        }
    }
}
