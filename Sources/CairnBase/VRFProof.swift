/// The proof that a VRF output is the one of its key and input: a point, a 16-byte challenge and a scalar.
@frozen
public struct VRFProof: Sendable, Hashable {
    /// The secret key times the input's point; the output is its hash.
    public let gamma: Bytes32
    /// The challenge, a 128-bit integer, as its low and high halves.
    public let challengeLow: UInt64
    public let challengeHigh: UInt64
    public let response: Bytes32

    public static let count = 80

    @inlinable
    public init(gamma: Bytes32, challengeLow: UInt64, challengeHigh: UInt64, response: Bytes32) {
        self.gamma = gamma
        self.challengeLow = challengeLow
        self.challengeHigh = challengeHigh
        self.response = response
    }
}
