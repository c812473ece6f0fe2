import CairnWire

/// A function that must survive any bytes: it returns, or it throws a finding; it never traps.
///
/// The fuzzer (`scripts/fuzz NAME SECONDS`) and the ordinary tests run the same functions, the tests over the corpus
/// in `Tests/Corpus/NAME/` and over seeded mutations of it. A target is deterministic and keeps no state between runs.
public struct FuzzTarget: Sendable {
    public let name: String
    /// How many mutations of its corpus the ordinary tests try; fewer where a run is costly.
    public let mutations: Int
    public let run: @Sendable ([UInt8]) throws -> Void

    public init(_ name: String, mutations: Int = 4000, _ run: @escaping @Sendable ([UInt8]) throws -> Void) {
        self.name = name
        self.mutations = mutations
        self.run = run
    }

    /// Every target there is.
    public static let all = lasting + planted

    /// To add a target: write a `static let` in a file of its own, list it here, and put at least one file into its
    /// corpus.
    private static let lasting: [FuzzTarget] = [
        .wire, .keystore, .vrf, .http, .transaction, .genesis, .stateProof, .snapshot, .protobufMessage, .multistream,
        .noise, .yamux, .identify, .connection, .nodeMessage, .block, .hello, .erasure, .walk, .piece, .forwarder,
        .coverage,
        .datagram, .record, .membership, .addressBook, .bans, .gossipsub, .gateway, .seed,
    ]

    #if FUZZ_PLANT
    private static let planted = [FuzzTarget.plantedTrap]
    #else
    private static let planted: [FuzzTarget] = []
    #endif
}

/// Something that must always hold did not, for the bytes at hand.
public struct FuzzFinding: Error, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }
}

/// Throws a finding when `condition` is false.
func require(_ condition: Bool, _ finding: @autoclosure () -> String) throws(FuzzFinding) {
    if !condition { throw FuzzFinding(finding()) }
}

/// Decodes a whole input; what is accepted must encode to the same bytes.
func requireCanonical<Value: Canonical>(_: Value.Type, _ bytes: [UInt8]) throws(FuzzFinding) {
    guard let value = try? Value.decode(bytes, limit: bytes.count) else { return }
    try require(value.encoded == bytes, "a \(Value.self) has two encodings")
}
