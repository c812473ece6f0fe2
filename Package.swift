// swift-tools-version: 6.3
import PackageDescription

/// `scripts/fuzz` sets these: instrument everything and add the fuzzer's program; plant a bug it must find.
let fuzzing = Context.environment["FUZZ"] == "1"
let planting = Context.environment["FUZZ_PLANT"] == "1"

/// One list of settings for every Swift target; `ls Sources` is the architecture, this file is its arrows.
let settings: [SwiftSetting] =
    [
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
    ] + (fuzzing ? [.unsafeFlags(["-sanitize=fuzzer"])] : []) + (planting ? [.define("FUZZ_PLANT")] : [])

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

/// The fuzzer's program, linked with the part of the compiler's libFuzzer that has no main of its own.
let fuzzer: [Target] = [
    .systemLibrary(name: "CLibFuzzer"),
    .executableTarget(
        name: "cairn-fuzz", dependencies: ["CLibFuzzer", "CairnFuzz"], swiftSettings: settings,
        linkerSettings: [.unsafeFlags([Context.environment["FUZZ_RUNTIME"] ?? "", "-lstdc++", "-lm"])]),
]

let package = Package(
    name: "cairn",
    targets: [
        // Pure: no I/O, no clock, no C.
        library("CairnBase"),
        library("CairnWire", ["CairnBase"]),
        library("CairnLedger", ["CairnBase", "CairnWire"]),
        library("CairnGossip", ["CairnBase", "CairnWire"]),
        library("CairnConsensus", ["CairnBase", "CairnWire"]),
        library("CairnStorage", ["CairnBase", "CairnWire"]),
        library("CairnWitness", ["CairnBase", "CairnWire"]),
        library("CairnRadio", ["CairnBase", "CairnWire", "CairnWitness"]),
        library("CairnAttacks", ["CairnBase", "CairnStorage"]),
        library(
            "CairnNode",
            ["CairnBase", "CairnWire", "CairnConsensus", "CairnLedger", "CairnStorage", "CairnWitness"]),

        // Edge: talks to C and to the world.
        .target(name: "CLinux", cSettings: [.define("_GNU_SOURCE")]),
        library("CairnThreads", ["CairnBase", "CLinux"]),
        .systemLibrary(name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
        .target(name: "CBlake2b", cSettings: [.unsafeFlags(["-O2"])]),
        library("CairnCrypto", ["CairnBase", "CairnWire", "CBlake2b", "CSodium"]),
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        library(
            "CairnStore",
            ["CairnBase", "CairnWire", "CairnLedger", "CairnStorage", "CairnCrypto", "CairnThreads", "CSQLite"]),
        library("CairnTransport", ["CairnBase", "CairnWire", "CairnCrypto"]),
        .target(name: "CErasure", cSettings: [.unsafeFlags(["-O2"])]),
        library("CairnErasure", ["CairnStorage", "CErasure"]),
        .target(name: "CUPnP"),
        library(
            "CairnRuntime",
            [
                "CairnBase", "CairnWire", "CairnGossip", "CairnCrypto", "CairnTransport", "CairnConsensus",
                "CairnLedger",
                "CairnNode", "CairnStorage", "CairnStore", "CairnThreads", "CairnWitness", "CLinux", "CUPnP",
            ]),

        // The other shell: virtual time, network, disks and faults from one seed.
        library(
            "CairnSimulator",
            [
                "CairnBase", "CairnWire", "CairnGossip", "CairnConsensus", "CairnCrypto", "CairnLedger", "CairnNode",
                "CairnRadio", "CairnStorage", "CairnTransport", "CairnWitness",
            ]),

        // Inputs nobody would write, as functions that the tests and the fuzzer share.
        library(
            "CairnFuzz",
            [
                "CairnBase", "CairnWire", "CairnGossip", "CairnLedger", "CairnNode", "CairnCrypto", "CairnTransport",
                "CairnRuntime", "CairnStorage", "CairnStore", "CairnErasure", "CairnWitness",
            ]),

        // Programs.
        library(
            "CairnCLI",
            [
                "CairnBase", "CairnWire", "CairnCrypto", "CairnLedger", "CairnNode", "CairnRadio", "CairnStore",
                "CairnRuntime", "CairnWitness", "CairnStorage", "CairnErasure", "CairnTransport", "CairnAttacks",
            ]),
        program("cairn", ["CairnCLI"]),
        .target(
            name: "CBaseline", dependencies: ["CSodium"], cSettings: [.define("_GNU_SOURCE"), .unsafeFlags(["-O2"])]),
        .executableTarget(
            name: "cairn-bench",
            dependencies: [
                "CBaseline", "CSQLite", "CairnBase", "CairnWire", "CairnCrypto", "CairnGossip", "CairnLedger",
                "CairnStore",
                "CairnStorage", "CairnErasure",
                "CairnTransport", "CairnRuntime", "CairnSimulator", "CairnConsensus", "CairnNode", "CairnWitness",
            ],
            swiftSettings: settings),
        program("cairn-sim", ["CairnBase", "CairnSimulator"]),
        program(
            "cairn-interop",
            ["CairnBase", "CairnWire", "CairnCrypto", "CairnGossip", "CairnTransport", "CairnRuntime"]),

        // Tests.
        tests("TidyTests", []),
        tests("CairnBaseTests", ["CairnBase"]),
        tests("CairnWireTests", ["CairnBase", "CairnWire"]),
        .testTarget(
            name: "ConformanceTests",
            dependencies: [
                "CairnBase", "CairnWire", "CairnGossip", "CairnCrypto", "CairnLedger", "CairnConsensus", "CairnNode",
                "CairnTransport", "CairnWitness", "CairnStore",
            ],
            exclude: ["Fixtures"],
            swiftSettings: settings),
        tests("CairnFuzzTests", ["CairnBase", "CairnFuzz"]),
        tests("CairnLedgerTests", ["CairnBase", "CairnWire", "CairnLedger", "CairnCrypto"]),
        tests("CairnCryptoTests", ["CairnBase", "CairnWire", "CairnCrypto", "CSodium"]),
        tests("CairnTransportTests", ["CairnBase", "CairnWire", "CairnCrypto", "CairnTransport"]),
        .target(name: "CFaults", dependencies: ["CSQLite"], path: "Tests/CFaults"),
        .target(
            name: "SampleChains",
            dependencies: [
                "CairnBase", "CairnWire", "CairnConsensus", "CairnLedger", "CairnNode", "CairnCrypto", "CairnStore",
            ],
            path: "Tests/SampleChains", swiftSettings: settings),
        tests(
            "CairnStoreTests",
            [
                "CairnBase", "CairnWire", "CairnLedger", "CairnStorage", "CairnCrypto", "CairnStore", "CSQLite",
                "CFaults", "CairnConsensus", "CairnNode", "SampleChains",
            ]),
        tests("CairnGossipTests", ["CairnBase", "CairnWire", "CairnGossip", "CairnCrypto"]),
        tests("CairnConsensusTests", ["CairnBase", "CairnWire", "CairnConsensus", "CairnCrypto", "CairnSimulator"]),
        tests(
            "CairnStorageTests", ["CairnBase", "CairnWire", "CairnStorage", "CairnErasure", "CairnCrypto"]),
        tests("CairnAttacksTests", ["CairnBase", "CairnStorage", "CairnAttacks", "CairnCrypto", "CSodium"]),
        tests("CairnWitnessTests", ["CairnBase", "CairnWire", "CairnWitness", "CairnCrypto"]),
        tests("CairnRadioTests", ["CairnBase", "CairnWire", "CairnCrypto", "CairnWitness", "CairnRadio"]),
        tests(
            "CairnNodeTests",
            [
                "CairnBase", "CairnWire", "CairnConsensus", "CairnLedger", "CairnCrypto", "CairnNode", "CairnStorage",
                "CairnWitness",
            ]),
        tests(
            "CairnRuntimeTests",
            [
                "CLinux", "CSQLite", "CairnBase", "CairnWire", "CairnGossip", "CairnCrypto", "CairnLedger", "CairnNode",
                "CairnRuntime", "CairnStorage",
                "CairnStore", "CairnThreads", "CairnTransport", "CairnWitness",
            ]),
        tests("CairnSimulatorTests", ["CairnBase", "CairnWire", "CairnConsensus", "CairnSimulator"]),
        tests("SimulationTests", ["CairnSimulator"], resources: [.embedInCode("RegressionSeeds.txt")]),
        tests(
            "CairnCLITests",
            [
                "CairnBase", "CairnCLI", "CairnCrypto", "CairnGossip", "CairnLedger", "CairnRadio", "CairnRuntime",
                "CairnStorage",
                "CairnStore", "CairnTransport", "CairnWire",
                "CFaults", "SampleChains",
            ],
            resources: [.copy("Transcripts")]),
    ] + (fuzzing ? fuzzer : [])
)
