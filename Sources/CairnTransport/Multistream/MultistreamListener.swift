public import CairnWire

/// The end that answers: greets, then accepts the first proposal it knows.
public struct MultistreamListener: Sendable {
    private let protocols: [String]
    private var frames = Multistream.greetingReader
    private var greeted = false
    private var proposals = 0

    public init(accepting protocols: [String]) {
        self.protocols = protocols
    }

    /// Takes this end's lines from `input` and appends answers to `output`. Once it agreed or failed it is done.
    public mutating func receive(_ input: inout ByteReader, into output: inout [UInt8]) -> MultistreamStep {
        while true {
            let line: [UInt8]
            do {
                guard let next = try frames.next(from: &input) else { return .waiting }
                line = next
            } catch {
                return .failed(.notMultistream)
            }
            guard let text = Multistream.text(of: line) else { return .failed(.notMultistream) }
            guard greeted else {
                guard text == Multistream.greeting else { return .failed(.notMultistream) }
                greeted = true
                frames = Multistream.lineReader
                Multistream.append(Multistream.greeting, to: &output)
                continue
            }
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
