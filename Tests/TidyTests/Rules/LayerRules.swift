/// Which modules a target may import: the arrows of the architecture.
///
/// SwiftPM lets a target import whatever its dependencies happen to bring along, so the arrows need this check.
enum Layers {
    static let protocols = ["CairnGossip", "CairnConsensus", "CairnWitness", "CairnStorage", "CairnLedger"]
    private static let node = ["CairnBase", "CairnWire"] + protocols + ["CairnRadio", "CairnTransport", "CairnNode"]
    /// No I/O, no clock, no C.
    static let pure = node + ["CairnAttacks"]

    private static let system = ["Glibc", "Synchronization"]

    static let imports: [String: [String]] = {
        var table: [String: [String]] = [
            "CairnBase": [],
            "CairnWire": ["CairnBase"],
            "CairnTransport": ["CairnBase", "CairnWire", "CairnCrypto"],
            "CairnRadio": ["CairnBase", "CairnWire", "CairnWitness"],
            "CairnAttacks": ["CairnBase", "CairnStorage"],
            "CairnNode": node.filter { $0 != "CairnNode" },
            "CairnCrypto": ["CairnBase", "CairnWire", "CBlake2b", "CSodium"] + system,
            "CairnThreads": ["CairnBase", "CLinux"] + system,
            "CairnStore": [
                "CairnBase", "CairnWire", "CairnLedger", "CairnStorage", "CairnCrypto", "CairnThreads", "CSQLite",
            ] + system,
            "CairnErasure": ["CairnStorage", "CErasure"],
            "CairnRuntime": node + ["CairnCrypto", "CairnStore", "CairnThreads", "CLinux", "CUPnP"] + system,
            "CairnSimulator": node + ["CairnCrypto", "CairnStore"],
            "CairnCLI": node + ["CairnAttacks", "CairnCrypto", "CairnErasure", "CairnStore", "CairnRuntime"] + system,
            "cairn": node + ["CairnCrypto", "CairnStore", "CairnRuntime", "CairnCLI"] + system,
            "cairn-sim": node + ["CairnCrypto", "CairnStore", "CairnSimulator"] + system,
        ]
        for name in protocols { table[name] = ["CairnBase", "CairnWire"] }
        // Tools of the developers, never shipped: they look at anything of ours.
        let doors =
            ["CBlake2b", "CErasure", "CSodium", "CSQLite", "CLinux", "CUPnP", "CBaseline", "CLibFuzzer"] + system
        table["CairnFuzz"] = table.keys.filter { $0.hasPrefix("Cairn") } + doors
        let everything = table.keys.filter { $0.hasPrefix("Cairn") } + doors
        for name in ["cairn-bench", "cairn-fuzz", "cairn-interop"] { table[name] = everything }
        return table
    }()
}

extension Rule {
    static let layers = Rule(
        name: "a target imports only the layers below it",
        check: { file, _ in
            guard file.isSwift, let target = file.target else { return [] }
            guard let allowed = Layers.imports[target] else {
                return [Finding(file, 1, "target \(target) is not in the table of layers (Layers.imports)")]
            }
            return file.imports.filter { !allowed.contains($0.module) }.map {
                Finding(file, $0.line, "\(target) may not import \($0.module)")
            }
        },
        fires: [
            Sample("Sources/CairnBase/Sample.swift", "import Foundation"),
            Sample("Sources/CairnConsensus/Sample.swift", "public import CairnBase\npublic import CairnLedger"),
            Sample("Sources/CairnWire/Sample.swift", "internal import struct Glibc.timespec"),
            Sample("Sources/CairnCrypto/Sample.swift", "@preconcurrency import CSQLite"),
            Sample("Sources/CairnUnknown/Sample.swift", "import CairnBase"),
        ],
        passes: [
            Sample("Sources/CairnCrypto/Sample.swift", "internal import CSodium // import Foundation"),
            Sample("Sources/CairnNode/Sample.swift", "import CairnLedger\nimport CairnConsensus"),
            Sample("Tests/CairnBaseTests/Sample.swift", "import Foundation"),
        ])
}

extension SourceFile {
    private static let modifiers: Set<String> = [
        "public", "package", "internal", "fileprivate", "private", "@testable", "@preconcurrency", "@_exported",
        "@_implementationOnly", "@_spi",
    ]
    private static let kinds: Set<String> = [
        "struct", "class", "enum", "protocol", "typealias", "func", "let", "var", "actor",
    ]

    var imports: [(module: String, line: Int)] {
        words.indices.compactMap { index in
            guard words[index].text == "import", byte(at: words[index].offset - 1) != UInt8(ascii: ".") else {
                return nil
            }
            let before = words[..<index].reversed().prefix { $0.line == words[index].line }
            guard before.allSatisfy({ Self.modifiers.contains($0.text) }) else { return nil }
            let after = words[(index + 1)...].drop { Self.kinds.contains($0.text) }
            return after.first.map { ($0.text, words[index].line) }
        }
    }
}
