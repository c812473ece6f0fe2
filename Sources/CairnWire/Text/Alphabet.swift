/// A set of characters that stand for small numbers: both directions of the table behind a textual encoding.
struct Alphabet: Sendable {
    let characters: [UInt8]
    private let values: [UInt8]

    private static let absent: UInt8 = 0xff

    init(_ alphabet: StaticString) {
        characters = Array(String(describing: alphabet).utf8)
        var values = [UInt8](repeating: Self.absent, count: 256)
        for (value, character) in characters.enumerated() { values[Int(character)] = UInt8(value) }
        self.values = values
    }

    /// The number a character stands for, or nil when it is not in the alphabet.
    func value(of character: UInt8) -> UInt8? {
        let value = values[Int(character)]
        return value == Self.absent ? nil : value
    }
}
