// swift-tools-version: 6.3
import PackageDescription

/// One list of settings for every Swift target; `ls Sources` is the architecture, this file is its arrows.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("ImmutableWeakCaptures"),
    .enableExperimentalFeature("Lifetimes"),
    .treatAllWarnings(as: .error),
    .treatWarning("DeprecatedDeclaration", as: .warning),
    .unsafeFlags(["-cross-module-optimization"], .when(configuration: .release)),
]

/// A library target under `Sources/`, named after its folder.
func library(_ name: String, _ dependencies: [String] = []) -> Target {
    .target(name: name, dependencies: dependencies.map { .init(stringLiteral: $0) }, swiftSettings: settings)
}

/// A program under `Sources/`: a main that calls a library.
func program(_ name: String, _ dependencies: [String]) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies.map { .init(stringLiteral: $0) }, swiftSettings: settings)
}

/// The tests of one target, under `Tests/`.
func tests(_ name: String, _ dependencies: [String], resources: [Resource] = []) -> Target {
    .testTarget(
        name: name, dependencies: dependencies.map { .init(stringLiteral: $0) }, resources: resources,
        swiftSettings: settings)
}

let package = Package(
    name: "cairn",
    targets: [
        // Pure: no I/O, no clock, no C.
        library("CairnBase"),
        library("CairnWire", ["CairnBase"]),
        library("CairnLedger", ["CairnBase", "CairnWire"]),

        // Edge: talks to C and to the world.
        .systemLibrary(name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
        library("CairnCrypto", ["CairnBase", "CairnWire", "CSodium"]),
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        library("CairnStore", ["CairnBase", "CairnWire", "CairnLedger", "CairnCrypto", "CSQLite"]),
        .target(name: "CLinux", cSettings: [.define("_GNU_SOURCE")]),
        library("CairnRuntime", ["CairnBase", "CairnWire", "CLinux"]),

        // The other shell: virtual time, network, disks and faults from one seed.
        library("CairnSimulator", ["CairnBase", "CairnWire"]),

        // Programs.
        library("CairnCLI", ["CairnBase", "CairnWire"]),
        program("cairn", ["CairnCLI"]),
        .target(name: "CBaseline", dependencies: ["CSodium"], cSettings: [.unsafeFlags(["-O2"])]),
        .executableTarget(
            name: "cairn-bench", dependencies: ["CBaseline", "CairnBase", "CairnWire", "CairnCrypto"],
            swiftSettings: settings),

        // Tests.
        tests("CairnBaseTests", ["CairnBase"]),
        tests("CairnWireTests", ["CairnBase", "CairnWire"]),
        tests("CairnLedgerTests", ["CairnBase", "CairnWire", "CairnLedger", "CairnCrypto"]),
        tests("CairnCryptoTests", ["CairnBase", "CairnWire", "CairnCrypto", "CSodium"]),
        tests("CairnStoreTests", ["CairnBase", "CairnWire", "CairnLedger", "CairnCrypto", "CairnStore", "CSQLite"]),
        tests("CairnRuntimeTests", ["CairnBase", "CairnRuntime"]),
        tests("CairnSimulatorTests", ["CairnBase", "CairnSimulator"]),
        tests("CairnCLITests", ["CairnBase", "CairnCLI", "CairnWire"], resources: [.copy("Transcripts")]),
    ]
)
