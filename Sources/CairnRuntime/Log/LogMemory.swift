/// The newest lines of the log, numbered, so that whoever asks a running node reads them wherever they went.
struct LogMemory {
    static let lineLimit = 2_000
    static let byteLimit = 512 << 10

    private var lines: [String] = []
    /// Lines at the front that are given up; they go when they are as many as the rest.
    private var dropped = 0
    private var bytes = 0
    /// The number of the line that comes next.
    private(set) var next: UInt64 = 0

    mutating func add(_ line: [UInt8]) {
        let text = String(decoding: line.last == UInt8(ascii: "\n") ? line.dropLast() : line[...], as: UTF8.self)
        lines.append(text)
        next += 1
        bytes += text.utf8.count
        while lines.count - dropped > Self.lineLimit || bytes > Self.byteLimit {
            bytes -= lines[dropped].utf8.count
            lines[dropped] = ""
            dropped += 1
        }
        if dropped > Self.lineLimit {
            lines.removeFirst(dropped)
            dropped = 0
        }
    }

    /// The last lines from a number on, at most so many.
    func lines(from number: UInt64, limit: Int) -> [String] {
        let kept = lines[dropped...]
        let oldest = next - UInt64(kept.count)
        let skipped = number > oldest ? Int(clamping: number - oldest) : 0
        return Array(kept.dropFirst(skipped).suffix(limit))
    }
}
