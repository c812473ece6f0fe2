internal import CairnBase

/// Takes CRLF-terminated lines off a queue, with a limit over all lines of one head.
///
/// What it answers depends on the bytes alone, not on the portions they arrive in.
struct HTTPLineReader {
    enum Line: Equatable {
        case line([UInt8])
        case needsMore
        /// Longer than the line or the head may be.
        case tooLong
        /// A line feed without its carriage return, or the reverse.
        case malformed
    }

    private var headLeft: Int
    private var scanned = 0

    init(headLimit: Int) {
        headLeft = headLimit
    }

    mutating func next(_ input: inout ByteQueue, lineLimit: Int) -> Line {
        let limit = min(lineLimit, headLeft)
        guard let end = lineFeed(in: input.bytes, from: scanned) else {
            // Looked at once; the carriage return may be the last byte so far.
            scanned = input.count
            return scanned > limit ? .tooLong : .needsMore
        }
        guard end < limit else { return .tooLong }
        var line = input.take(end + 1)
        headLeft -= line.count
        scanned = 0
        line.removeLast()
        guard line.popLast() == UInt8(ascii: "\r"), !line.contains(UInt8(ascii: "\r")) else { return .malformed }
        return .line(line)
    }

    private func lineFeed(in bytes: RawSpan, from start: Int) -> Int? {
        // SAFETY: unsafeLoad checks its bounds, and any bit pattern is a byte.
        for index in start..<max(start, bytes.byteCount)
        where bytes.unsafeLoad(fromByteOffset: index, as: UInt8.self) == UInt8(ascii: "\n") {
            return index
        }
        return nil
    }
}
