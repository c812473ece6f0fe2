internal import CairnBase
internal import CairnCrypto

/// Secrets of one run, one after the other; whoever learns the present state learns nothing about those given before.
///
/// Cores have no chance of their own. The shell gives one secret from the operating system when it starts, a simulation
/// one from its seed.
struct SecretRatchet: Sendable {
    private var state: Bytes32

    init(secret: Bytes32) { state = secret }

    mutating func next() -> Bytes32 {
        let given = Blake2b().digest(drawTag, state.bytes).raw
        state = Blake2b().digest(stepTag, state.bytes).raw
        return given
    }

    mutating func word() -> UInt64 { next().low64 }
}

private let drawTag = DomainTag("cn/ratchet-draw")
private let stepTag = DomainTag("cn/ratchet-step")
