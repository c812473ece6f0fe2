/// What a node keeps for others.
extension Setting {
    static let storageCapacity = Setting(
        section: "storage", key: "capacity", preset: "\"\"",
        summary: [
            "How much this node keeps for others, as \"500GiB\": a number and MiB, GiB or TiB. Empty: nothing.",
            "The disk keeps 64 MiB free whatever this says.",
        ],
        read: { config, words throws(ValueKind.Refusal) in
            guard let word = words.first, !word.isEmpty else { return config.storageCapacity = nil }
            guard let count = byteCount(word), count > 0 else {
                throw .init(reason: "not a size such as 512MiB, 500GiB or 2TiB")
            }
            config.storageCapacity = count
        })

    static let storageDirectory = Setting(
        section: "storage", key: "directory", preset: "\"\"",
        summary: [
            "Where it keeps them, a path from the root on; the directory above must be there. Empty: store/ in the home."
        ],
        read: { config, words throws(ValueKind.Refusal) in
            guard let word = words.first, !word.isEmpty else { return config.storageDirectory = nil }
            guard word.hasPrefix("/") else { throw .init(reason: "not a path from the root on") }
            config.storageDirectory = word
        })

    static let storageSealed = Setting(
        section: "storage", key: "sealed", preset: "\"\"",
        summary: [
            "How much of the disk this node seals for a resource of storage.sealed, beside what it keeps, as \"64GiB\". Empty:",
            "nothing. It begins when the chain knows the resource, and needs a capacity above.",
        ],
        read: { config, words throws(ValueKind.Refusal) in
            guard let word = words.first, !word.isEmpty else { return config.storageSealed = nil }
            guard let count = byteCount(word), count > 0 else {
                throw .init(reason: "not a size such as 512MiB, 500GiB or 2TiB")
            }
            config.storageSealed = count
        })
}

/// Bytes as people write them: a whole number and MiB, GiB or TiB, nothing else.
func byteCount(_ text: String) -> UInt64? {
    let digits = text.utf8.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    let shifts: [String: UInt64] = ["MiB": 20, "GiB": 30, "TiB": 40]  // ORDER: looked up by unit only
    guard let count = UInt64(String(decoding: digits, as: UTF8.self)),
        let shift = shifts[String(decoding: text.utf8.dropFirst(digits.count), as: UTF8.self)]
    else { return nil }
    let (bytes, overflow) = count.multipliedReportingOverflow(by: 1 << shift)
    return overflow ? nil : bytes
}
