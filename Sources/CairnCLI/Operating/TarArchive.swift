/// Files in one: the ustar form that every `tar` reads, without compression and without anything of the machine it was
/// made on but the time.
struct TarArchive {
    private(set) var bytes: [UInt8] = []
    private let time: UInt64

    private static let block = 512

    /// - Parameter time: seconds since 1970, for all entries.
    init(time: UInt64) {
        self.time = time
    }

    /// Adds a file. Names are ours: short, and of plain letters.
    mutating func add(_ name: String, _ contents: [UInt8]) {
        var header = [UInt8](repeating: 0, count: Self.block)
        func put(_ text: String, at offset: Int, limit: Int) {
            for (index, byte) in text.utf8.prefix(limit).enumerated() { header[offset + index] = byte }
        }
        put(name, at: 0, limit: 100)
        put("0000600", at: 100, limit: 7)
        put("0000000", at: 108, limit: 7)
        put("0000000", at: 116, limit: 7)
        put(Self.octal(UInt64(contents.count), digits: 11), at: 124, limit: 11)
        put(Self.octal(time, digits: 11), at: 136, limit: 11)
        // Counted as blanks while the sum is made.
        put("        ", at: 148, limit: 8)
        put("0", at: 156, limit: 1)
        put("ustar", at: 257, limit: 5)
        put("00", at: 263, limit: 2)
        let sum = header.reduce(UInt64(0)) { $0 + UInt64($1) }
        put(Self.octal(sum, digits: 6), at: 148, limit: 6)
        header[154] = 0
        bytes += header + contents
        bytes += [UInt8](repeating: 0, count: (Self.block - contents.count % Self.block) % Self.block)
    }

    /// The whole archive, with its end.
    var finished: [UInt8] { bytes + [UInt8](repeating: 0, count: 2 * Self.block) }

    private static func octal(_ number: UInt64, digits: Int) -> String {
        let text = String(number, radix: 8)
        return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
    }
}
