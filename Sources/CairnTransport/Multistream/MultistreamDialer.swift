internal import CairnBase
public import CairnWire

/// The end that proposes, one protocol after another, in order of preference.
///
/// It is lazy: greeting and first proposal leave together, and a caller that proposes a single protocol may send that
/// protocol's first bytes right behind them, saving a round trip. If the listener refuses, those bytes were wasted.
public struct MultistreamDialer: Sendable {
    private let protocols: [String]
    private var proposed = 0
    private var lines = MultistreamLines()

    /// Proposes `protocols`, of which there is at least one and not more than a listener would hear.
    public init(proposing protocols: [String]) {
        invariant(
            !protocols.isEmpty && protocols.count <= Multistream.proposalLimit,
            "a dialer proposes between one and \(Multistream.proposalLimit) protocols")
        self.protocols = protocols
    }

    /// Appends the greeting and the first proposal.
    public mutating func start(into output: inout [UInt8]) {
        Multistream.append(Multistream.greeting, to: &output)
        Multistream.append(protocols[0], to: &output)
    }

    /// Takes this end's lines from `input` and appends further proposals to `output`.
    public mutating func receive(_ input: inout ByteReader, into output: inout [UInt8]) -> MultistreamStep {
        while true {
            switch lines.next(from: &input) {
            case .waiting: return .waiting
            case .broken: return .failed(.notMultistream)
            case .greeted: break
            case .text(let text):
                if text == protocols[proposed] { return .agreed(text) }
                guard text == Multistream.refusal else { return .failed(.foreignAnswer) }
                proposed += 1
                guard proposed < protocols.count else { return .failed(.refused) }
                Multistream.append(protocols[proposed], to: &output)
            }
        }
    }
}
