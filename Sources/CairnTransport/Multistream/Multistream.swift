internal import CairnBase
internal import CairnWire

/// The words of multistream-select 1.0: how two ends of a byte stream agree on what to speak on it.
///
/// A line is a varint length, the text and a newline. Both ends greet with the protocol's own name; the dialer proposes,
/// the listener repeats the proposal or answers `na`. Both machines below take from the caller's reader exactly their
/// own lines and leave the rest: a peer may send the next layer's first bytes in the same segment.
enum Multistream {
    static let greeting = "/multistream/1.0.0"
    static let refusal = "na"
    /// Bytes of a line, newline included.
    static let lineLimit = Limits.SecureChannel().negotiationLine
    /// Proposals one end makes or answers before it gives up.
    static let proposalLimit = Limits.SecureChannel().negotiationTries

    static func append(_ text: String, to output: inout [UInt8]) {
        var line = Array(text.utf8)
        line.append(UInt8(ascii: "\n"))
        var writer = ByteWriter(capacity: line.count + 2)
        writer.frame(.uvarint, line)
        output.append(contentsOf: writer.bytes)
    }
}

/// What both machines read: a greeting, then lines.
struct MultistreamLines: Sendable {
    enum Next: Equatable {
        case waiting
        case greeted
        case text(String)
        case broken
    }

    /// The first line is the greeting. Whoever starts with a longer one speaks something else, such as HTTP or TLS, and is
    /// found out by its first byte.
    private var frames = FrameReader(.uvarint, limit: Multistream.greeting.utf8.count + 1)
    private var hasGreeted = false

    /// Takes at most one line from `input`. The first must be the greeting; none may lack its newline or be other than
    /// UTF-8.
    mutating func next(from input: inout ByteReader) -> Next {
        let line: [UInt8]
        do {
            guard let whole = try frames.next(from: &input) else { return .waiting }
            line = whole
        } catch {
            return .broken
        }
        guard line.last == UInt8(ascii: "\n"), let text = String(validating: line.dropLast(), as: UTF8.self) else {
            return .broken
        }
        if hasGreeted { return .text(text) }
        hasGreeted = true
        frames = FrameReader(.uvarint, limit: Multistream.lineLimit)
        return text == Multistream.greeting ? .greeted : .broken
    }
}

/// Where a negotiation stands after some bytes.
public enum MultistreamStep: Sendable, Equatable {
    case waiting
    case agreed(String)
    case failed(MultistreamFault)
}

/// Why a negotiation ended without a protocol.
public enum MultistreamFault: Error, Sendable, Equatable {
    /// The other end does not speak multistream: no greeting, no newline, a line too long.
    case notMultistream
    /// The listener knows none of what was proposed.
    case refused
    /// The listener agreed to something nobody proposed.
    case foreignAnswer
    /// More proposals than anyone needs.
    case tooManyProposals
}
