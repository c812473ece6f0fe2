public import CairnWire

/// The end that answers: greets, then accepts the first proposal it knows.
public struct MultistreamListener: Sendable {
    private let protocols: [String]
    private var lines = MultistreamLines()
    private var proposals = 0

    public init(accepting protocols: [String]) {
        self.protocols = protocols
    }

    /// Takes this end's lines from `input` and appends answers to `output`. Once it agreed or failed it is done.
    public mutating func receive(_ input: inout ByteReader, into output: inout [UInt8]) -> MultistreamStep {
        while true {
            switch lines.next(from: &input) {
            case .waiting: return .waiting
            case .broken: return .failed(.notMultistream)
            case .greeted: Multistream.append(Multistream.greeting, to: &output)
            case .text(let text):
                proposals += 1
                if protocols.contains(text) {
                    Multistream.append(text, to: &output)
                    return .agreed(text)
                }
                Multistream.append(Multistream.refusal, to: &output)
                if proposals >= Multistream.proposalLimit { return .failed(.tooManyProposals) }
            }
        }
    }
}
