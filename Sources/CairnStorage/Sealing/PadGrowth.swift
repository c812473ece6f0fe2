public import CairnBase
internal import CairnWire

/// The labels of one mask while it grows, pass after pass in place.
public struct PadGrowth: Sendable {
    private static let tag = DomainTag("cn/pad.l")
    private static let width = 8

    public let labels: Int
    /// How many passes have been made.
    public private(set) var passes = 0
    private var words: [UInt64]
    private var message: Message

    public init(from seed: Bytes32, labels: Int) {
        self.labels = labels
        words = [UInt64](repeating: 0, count: labels * Self.width)
        message = Message(seed: seed)
    }

    public mutating func pass(using hash: some WideHashFunction) {
        for label in 0..<labels { message.write(label, pass: passes, of: labels, into: &words, using: hash) }
        passes += 1
    }

    /// What the label decides with which other one the label behind it is mixed with: its first eight bytes.
    public func drawn(_ label: Int) -> UInt64 { UInt64(littleEndian: words[label * Self.width]) }

    /// Which label is mixed in at `label`, the one before having drawn that number.
    public static func pick(_ drawn: UInt64, at label: Int, pass: Int, of labels: Int) -> Int {
        Int(drawn % UInt64(pass > 0 ? labels : max(label, 1)))
    }

    public var bytes: [UInt8] {
        var writer = ByteWriter()
        for word in words { writer.u64(UInt64(littleEndian: word)) }
        return writer.bytes
    }

    /// What a label is the hash of: seed | previous | picked | own former value, from the second pass on | pass | index.
    private struct Message {
        /// As it lies in memory, so that hashing it copies nothing.
        private var words: [30 of UInt64]

        init(seed: Bytes32) {
            words = .init(repeating: 0)
            let bytes = seed.inline
            for index in 0..<4 {
                // SAFETY: 32 bytes hold four words, and any bit pattern is one.
                words[index] = unsafe bytes.span.bytes.unsafeLoadUnaligned(
                    fromByteOffset: index * 8, as: UInt64.self)
            }
        }

        mutating func write(
            _ label: Int, pass: Int, of labels: Int, into all: inout [UInt64], using hash: some WideHashFunction
        ) {
            let width = PadGrowth.width
            let previous = label > 0 ? label - 1 : labels - 1
            // Before its first pass a label is zero, which makes both parents of the very first one zero.
            let drawn = UInt64(littleEndian: all[previous * width])
            let pick = PadGrowth.pick(drawn, at: label, pass: pass, of: labels)
            for word in 0..<width {
                words[4 + word] = all[previous * width + word]
                words[12 + word] = all[pick * width + word]
                words[20 + word] = all[label * width + word]
            }
            let end = pass > 0 ? 28 : 20
            words[end] = UInt64(pass).littleEndian
            words[end + 1] = UInt64(label).littleEndian
            let digest = hash.digest512(PadGrowth.tag, words.span.bytes.extracting(first: (end + 2) * 8))
            for word in 0..<width {
                // SAFETY: 64 bytes hold eight words, and any bit pattern is one.
                all[label * width + word] = unsafe digest.span.bytes.unsafeLoadUnaligned(
                    fromByteOffset: word * 8, as: UInt64.self)
            }
        }
    }
}
