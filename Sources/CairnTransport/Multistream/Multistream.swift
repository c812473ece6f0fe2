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

    /// Reads the first line. Whoever starts with a longer one speaks something else, such as HTTP or TLS, and is found
    /// out by its first byte.
    static let greetingReader = FrameReader(.uvarint, limit: greeting.utf8.count + 1)
    static let lineReader = FrameReader(.uvarint, limit: lineLimit)

    static func append(_ text: String, to output: inout [UInt8]) {
        var line = Array(text.utf8)
        line.append(UInt8(ascii: "\n"))
        var writer = ByteWriter(capacity: line.count + 2)
        writer.frame(.uvarint, line)
        output.append(contentsOf: writer.bytes)
    }

    /// The text of a line, without its newline; nil when there is none or the text is not UTF-8.
    static func text(of line: [UInt8]) -> String? {
        guard line.last == UInt8(ascii: "\n") else { return nil }
        return String(validating: line.dropLast(), as: UTF8.self)
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
